import { concatMap, EMPTY, expand, from, ignoreElements, mergeMap, type Observable, of, timer } from 'rxjs'
import type { Replay, ReplayCursor } from '../../src/domain/replay.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { patiently, type Patience } from '../kit/patiently.ts'

/** A delivery to be opened; null: its content is no longer kept. */
export interface Candidate {
  readonly cursor: ReplayCursor
  /** Opens it, due at this time; false when it changed meanwhile and is left alone. */
  readonly open: ((dueAt: EpochMs) => Promise<boolean>) | null
}

/** What a replay needs of the world. */
export interface ReplayPorts {
  /** The next deliveries of a replay, at most so many; none: it is done. */
  readonly next: (replay: Replay, limit: number) => Promise<readonly Candidate[]>
  /** Keeps how far it is; false when it was cancelled. */
  readonly advance: (replay: Replay) => Promise<boolean>
  /** It may have been cancelled while a batch was opened: those are not to be sent either. */
  readonly afterCancel: (replay: Replay) => Promise<void>
  /** The subscription's supervisor has new rows. */
  readonly wake: (subscriptionId: string) => void
  /** False when another worker owns the subscription's partition now: it goes on there. */
  readonly isOurs: (replay: Replay) => boolean
  readonly patience: Patience
  readonly now: () => EpochMs
}

const batchLimit = 100
/** Rows are opened this long before they are due: the ledger holds their content only shortly, and a cancel finds few. */
const leadMs = 30_000

/** Opens the deliveries of a replay at its rate, batch by batch, until none is left, it is cancelled, or another worker has it. */
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

/** When the next one may be sent: `perSecond` after `perSecond` since the beginning, never in the past. */
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

/** Opening a row twice is opening it once: a batch that was cut off is done again. */
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
