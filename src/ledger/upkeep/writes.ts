import { setTimeout } from 'node:timers/promises'
import type { Collection } from 'mongodb'
import { type Observable, Subject } from 'rxjs'
import { errorText } from '../../domain/error-text.ts'
import { Failure } from '../../domain/failure.ts'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import { failureOfLedger, guarded } from '../faults.ts'
import { codeOf } from './repair.ts'

export interface UpkeepDocument {
  readonly _id: string
  readonly at: number
  readonly declaration?: string
}

/** A write that takes longer counts as refused: it waits for a lock, for the disk, or for a majority. A busy disk may take seconds. */
export const writeWithinMs = 5_000
/** Readiness, metrics and the comparison with what is needed share a write. */
const sharedForMs = 1_000
/** A command that has no answer by then gets none (see `guarded`). */
const lostAfterMs = 15_000

/** A write that is not answered in time. The server may do it later. */
export class LateWrite extends Error {}

/**
 * Writes one small document as rows are written, to a majority of the servers, since a server that answers reads may refuse or delay every
 * write: `fsyncLock`, a role without writes, a full disk, a majority that is away. Rejects with the driver's error, or with `LateWrite`.
 */
export const createWriteProbe = (collection: Collection<UpkeepDocument>, ports: ProbePorts = realPorts): WriteProbe => {
  const { now, clock, wait } = ports
  const changes$ = new Subject<boolean>()
  let last: Probe | null = null
  let succeeds = true
  const settled = (succeeded: boolean) => {
    if (succeeded === succeeds) return
    succeeds = succeeded
    changes$.next(succeeded)
  }
  const begin = (): Probe => {
    const answered = new AbortController()
    const set = { $set: { at: now() } }
    const write = collection.updateOne({ _id: 'write' }, set, { upsert: true, maxTimeMS: writeWithinMs })
    const late = wait(writeWithinMs, answered.signal).then(() => Promise.reject(new LateWrite()))
    const probe: Probe = { begunAt: clock(), over: false, written: Promise.race([write.then(() => undefined), late]) }
    const end = () => {
      probe.over = true
      answered.abort()
    }
    write.then(end, end)
    // Nobody may listen to the one that loses.
    late.catch(() => undefined)
    probe.written.then(
      () => settled(true),
      () => settled(false),
    )
    return probe
  }
  const isRecent = ({ begunAt, over }: Probe) => clock() - begunAt < (over ? sharedForMs : lostAfterMs)
  return {
    changes$,
    write: () => {
      if (last === null || !isRecent(last)) last = begin()
      return last.written
    },
  }
}

interface Probe {
  readonly begunAt: number
  readonly written: Promise<void>
  /** Whether the server has answered. While it has not, no second write is sent. */
  over: boolean
}

export interface ProbePorts {
  readonly now: () => number
  /** Monotonic, in milliseconds. */
  readonly clock: () => number
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const realPorts: ProbePorts = {
  now: Date.now,
  clock: () => performance.now(),
  wait: (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }),
}

export interface WriteProbe {
  readonly write: () => Promise<void>
  /** Emits when writes begin to fail, and when they succeed again. */
  readonly changes$: Observable<boolean>
}

/** Why a server that answers does not write. */
export const refusalOf = (error: unknown): { readonly difference: string; readonly remedy: string } => {
  switch (codeOf(error)) {
    case 13:
      return { difference: 'are refused: the user’s role does not allow them', remedy: '' }
    case 14_031:
      return { difference: 'are refused: the disk is full', remedy: 'Free disk space on MongoDB’s servers.' }
    case 64:
      return {
        difference: 'are not confirmed by a majority of the replica set',
        remedy: 'Bring back the members that are away: rs.status() names them.',
      }
    default:
      return isLate(error)
        ? {
            difference: `are not done within ${writeWithinMs / 1_000} s`,
            remedy:
              'Look for a lock (db.currentOp().fsyncLock; db.fsyncUnlock() ends it), a slow disk, and members that are away (rs.status()).',
          }
        : { difference: `fail (${errorText(error)})`, remedy: 'See the log of mongod for the cause.' }
  }
}

const isLate = (error: unknown): boolean => codeOf(error) === 50 || error instanceof LateWrite

interface Ports {
  readonly write: () => Promise<void>
  /** The command that gives the user a role with which it may write. */
  readonly grant: string
}

/**
 * Whether MongoDB takes writes. While it does not, the API goes on to accept events: they are safe in the stream, which forgets none before
 * its rows are written, and they are delivered when writes succeed again. Refusing them would make each publisher store them instead, for
 * a fault that Doorbell bridges for as long as the stream keeps events: the payload retention and a day.
 */
export const createWritesRequirement = ({ write, grant }: Ports): Requirement => ({
  name: 'writes',
  check: async () => {
    try {
      await write()
      return []
    } catch (error) {
      // A server that cannot be reached is another finding.
      if (!isLate(error) && codeOf(error) === undefined) throw failureOfLedger(error)
      return [refused(error, grant)]
    }
  },
})

const refused = (error: unknown, grant: string): Difference => {
  const { difference, remedy } = refusalOf(error)
  return {
    system: 'mongodb',
    object: 'writes to MongoDB',
    difference,
    outcome: 'broken',
    promise:
      'No delivery can be recorded: accepted events wait in the stream, and are delivered when MongoDB writes again.',
    remedy: remedy === '' ? `As an administrator of MongoDB: ${grant}` : remedy,
    refusesEvents: false,
  }
}

/** Resolves when the server takes writes; rejects with a Failure whose message is fit for readiness. */
export const pingOf = (write: () => Promise<void>) => async (): Promise<void> => {
  try {
    await guarded(write())
  } catch (error) {
    const { difference } = refusalOf((error as Error).cause ?? error)
    throw new Failure('ledger_unavailable', `Writes to MongoDB ${difference}.`, { cause: error })
  }
}
