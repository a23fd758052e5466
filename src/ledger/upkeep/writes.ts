import type { Collection } from 'mongodb'
import { errorText } from '../../domain/error-text.ts'
import { Failure } from '../../domain/failure.ts'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import { guarded } from '../faults.ts'
import { codeOf } from './repair.ts'

export interface UpkeepDocument {
  readonly _id: string
  readonly at: number
  readonly declaration?: string
}

/** A write that takes longer counts as refused: it waits for a lock, for the disk, or for a majority. */
export const writeWithinMs = 1_500
/** Readiness, metrics and the comparison with what is needed share a write. */
const sharedForMs = 1_000

/**
 * Writes one small document as rows are written, to a majority of the servers, since a server that answers reads may refuse or delay every
 * write: `fsyncLock`, a role without writes, a full disk, a majority that is away. Rejects with the driver's error.
 */
export const createWriteProbe = (
  collection: Collection<UpkeepDocument>,
  now: () => number,
  clock: () => number = () => performance.now(),
): (() => Promise<void>) => {
  let last: { readonly begunAt: number; readonly written: Promise<void>; over: boolean } | null = null
  const write = async () => {
    await collection.updateOne({ _id: 'write' }, { $set: { at: now() } }, { upsert: true, timeoutMS: writeWithinMs })
  }
  return () => {
    if (last === null || (last.over && clock() - last.begunAt >= sharedForMs)) {
      const probe = { begunAt: clock(), written: write(), over: false }
      const end = () => void (probe.over = true)
      probe.written.then(end, end)
      last = probe
    }
    return last.written
  }
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

const isLate = (error: unknown): boolean =>
  codeOf(error) === 50 || (error instanceof Error && error.name === 'MongoOperationTimeoutError')

interface Ports {
  readonly write: () => Promise<void>
  /** Reads, and rejects when the server does not answer at all. */
  readonly read: () => Promise<unknown>
  readonly grant: string
}

/**
 * Whether MongoDB takes writes. While it does not, the API goes on to accept events: they are safe in the stream, which forgets none before
 * its rows are written, and they are delivered when writes succeed again. Refusing them would make each publisher store them instead, for
 * a fault that Doorbell bridges for as long as the stream keeps events: the payload retention and a day.
 */
export const createWritesRequirement = ({ write, read, grant }: Ports): Requirement => ({
  name: 'writes',
  check: async () => {
    try {
      await write()
      return []
    } catch (error) {
      // A server that answers nothing is away, which is another finding.
      await read()
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
