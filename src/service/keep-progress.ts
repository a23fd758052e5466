import type { Patience } from '../../actors/kit/patiently.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Streams } from '../streams/connect.ts'

interface Parts {
  readonly streams: Pick<Streams, 'progress'>
  readonly ledger: Pick<Ledger, 'progress'>
  readonly patience: Pick<Patience, 'onWait'>
}

/** What a lost consumer delivers again is at most what was processed in this time, and the ledger has its rows. */
export const progressEveryMs = 5_000

/** Stores how far the stream is processed, so that it can continue there after NATS lost a consumer, or the stream. */
export const createProgressKeeper = ({ streams, ledger, patience }: Parts) => {
  let stored = ''
  return async (): Promise<void> => {
    try {
      const progress = await streams.progress()
      const text = JSON.stringify([...progress.processed, progress.highest?.sequence])
      if (text === stored) return
      await ledger.progress.save(progress)
      stored = text
    } catch (error) {
      patience.onWait(error, progressEveryMs)
    }
  }
}
