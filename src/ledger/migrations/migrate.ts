import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Collection, Db } from 'mongodb'
import { Failure } from '../../domain/failure.ts'
import { guarded, isDuplicate, unhurried } from '../faults.ts'
import { rowsHaveARevision } from './0001-rows-have-a-revision.ts'
import { openRowsDoNotExpire } from './0002-open-rows-do-not-expire.ts'
import { subscriptionsNameTheirOrder } from './0003-subscriptions-name-their-order.ts'
import { replaysExpire } from './0004-replays-expire.ts'
import type { Migration } from './migration.ts'

/** In their order. */
export const migrations: readonly Migration[] = [
  rowsHaveARevision,
  openRowsDoNotExpire,
  subscriptionsNameTheirOrder,
  replaysExpire,
]

export interface MigrateOptions {
  /** How long a process that has died keeps the others waiting. */
  readonly leaseMs?: number
  readonly onDone?: (id: string, tookMs: number) => void
}

/** One that was done; and, under its own id, the lease of whoever is at work. */
interface MigrationDocument {
  readonly _id: string
  readonly doneAt?: number
  readonly tookMs?: number
  readonly holder?: string
  readonly until?: Date
}

const leaseId = 'lease'
const askAgainMs = 200

/**
 * Brings stored documents to this version's form. Of several processes that start at once one does it and the others wait; one that dies
 * in between is replaced when its lease ends. Throws Failure `invalid_settings` for a database of a newer version.
 */
export const migrate = async (db: Db, { leaseMs = 15_000, onDone = () => undefined }: MigrateOptions = {}) => {
  const collection = db.collection<MigrationDocument>('migrations')
  const holder = randomUUID()
  for (;;) {
    const missing = await missingOf(collection)
    if (missing.length === 0) return
    if (await isNew(db)) return markAll(collection)
    if (await takeLease(collection, holder, leaseMs)) break
    await wait(askAgainMs)
  }
  const renewing = setInterval(() => void takeLease(collection, holder, leaseMs).catch(() => undefined), leaseMs / 3)
  try {
    // Once more: another process may have done it before this one had the lease.
    for (const { id, run } of await missingOf(collection)) {
      const begunAt = Date.now()
      await unhurried(run(db))
      const tookMs = Date.now() - begunAt
      await guarded(collection.replaceOne({ _id: id }, { doneAt: Date.now(), tookMs }, { upsert: true }))
      onDone(id, tookMs)
    }
  } finally {
    clearInterval(renewing)
    await guarded(collection.deleteOne({ _id: leaseId, holder }))
  }
}

const missingOf = async (collection: Collection<MigrationDocument>): Promise<readonly Migration[]> => {
  const done = new Set((await guarded(collection.find().toArray())).map(({ _id }) => _id))
  done.delete(leaseId)
  const newer = [...done].find(id => !migrations.some(each => each.id === id))
  if (newer !== undefined)
    throw new Failure(
      'invalid_settings',
      `The database was migrated by a newer version of Doorbell (${newer}). Start that version, or restore a backup from before.`,
    )
  return migrations.filter(({ id }) => !done.has(id))
}

/** Nothing was ever stored here: there is nothing to migrate. */
const isNew = async (db: Db): Promise<boolean> =>
  (await guarded(db.listCollections({ name: { $ne: 'migrations' } }, { nameOnly: true }).toArray())).length === 0

const markAll = async (collection: Collection<MigrationDocument>): Promise<void> => {
  const documents = migrations.map(({ id }) => ({ _id: id, doneAt: Date.now(), tookMs: 0 }))
  await collection.insertMany(documents, { ordered: false }).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error
  })
}

/** Takes or renews the lease, by the server's clock; false while another has it. */
const takeLease = async (
  collection: Collection<MigrationDocument>,
  holder: string,
  leaseMs: number,
): Promise<boolean> => {
  const take = [{ $set: { holder, until: { $add: ['$$NOW', leaseMs] } } }]
  try {
    await collection.updateOne({ _id: leaseId, holder }, take, { upsert: true })
    return true
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
  const lapsed = { _id: leaseId, $expr: { $lt: ['$until', '$$NOW'] } }
  return (await guarded(collection.updateOne(lapsed, take))).matchedCount === 1
}
