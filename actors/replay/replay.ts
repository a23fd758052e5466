import { concatMap, EMPTY, expand, from, ignoreElements, mergeMap, type Observable, of, timer } from 'rxjs'
import type { Replay, ReplayCursor } from '../../src/domain/replay.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { patiently, type Patience } from '../kit/patiently.ts'

/** A delivery to open; null if its content is no longer kept. */
export interface Candidate {
  readonly cursor: ReplayCursor
  /** Opens the row, due at this time. Returns false if the row has changed since it was read; it is left as it is then. */
  readonly open: ((dueAt: EpochMs) => Promise<boolean>) | null
}

/** What a replay needs from outside. */
export interface ReplayPorts {
  /** Returns the next deliveries of a replay, at most `limit`; none when the replay is done. */
  readonly next: (replay: Replay, limit: number) => Promise<readonly Candidate[]>
  /** Stores the progress. Returns false if the replay was cancelled. */
  readonly advance: (replay: Replay) => Promise<boolean>
  /** Called when the replay was cancelled while a batch was opened: its rows must not be sent either. */
  readonly afterCancel: (replay: Replay) => Promise<void>
  /** Notifies the subscription's supervisor of new rows. */
  readonly wake: (subscriptionId: string) => void
  /** Whether this worker owns the subscription's partition. Otherwise the replay continues at its owner. */
  readonly isOurs: (replay: Replay) => boolean
  readonly patience: Patience
  readonly now: () => EpochMs
}

const batchLimit = 100
/** Rows are opened this long before they are due, so that the ledger holds their content only briefly and a cancel finds few. */
const leadMs = 30_000

/** Opens the deliveries of a replay at its rate, batch by batch, until none is left, the replay is cancelled, or another worker owns it. */
export const runReplay =
  (ports: ReplayPorts) =>
  (replay: Replay): Observable<Replay> =>
    of(replay).pipe(
      expand(current =>
        current.state === 'running' && ports.isOurs(current)
          ? timer(Math.max(0, dueAt(current, ports.now()) - ports.now() - leadMs)).pipe(
              concatMap(() => openBatch(ports, current)),
            )
          : EMPTY,
      ),
    )

/** When the next delivery may be sent: at the replay's rate since its start, never in the past. */
const dueAt = ({ createdAt, opened, perSecond }: Replay, now: EpochMs): EpochMs =>
  Math.max(now, createdAt + Math.floor((opened * 1_000) / perSecond))

const openBatch = (ports: ReplayPorts, replay: Replay): Observable<Replay> =>
  patiently(ports.patience, () => ports.next(replay, batchLimit)).pipe(
    mergeMap(candidates => from(openAll(ports, replay, candidates))),
    mergeMap(advanced =>
      patiently(ports.patience, () => ports.advance(advanced)).pipe(
        mergeMap(goesOn => (goesOn ? of(advanced) : letGo(ports, advanced))),
      ),
    ),
  )

const letGo = (ports: ReplayPorts, replay: Replay): Observable<never> =>
  patiently(ports.patience, () => ports.afterCancel(replay)).pipe(ignoreElements())

/** Opening a row is idempotent, so a batch that was interrupted is repeated. */
const openAll = async (ports: ReplayPorts, replay: Replay, candidates: readonly Candidate[]): Promise<Replay> => {
  if (candidates.length === 0) return { ...replay, state: 'done', finishedAt: ports.now() }
  let advanced = replay
  for (const { cursor, open } of candidates) {
    const opened = open === null ? false : await open(dueAt(advanced, ports.now()))
    advanced = {
      ...advanced,
      cursor,
      opened: advanced.opened + (opened ? 1 : 0),
      skipped: advanced.skipped + (open === null ? 1 : 0),
    }
  }
  ports.wake(replay.subscriptionId)
  return advanced
}
