import { setTimeout } from 'node:timers/promises'
import type { Collection, Db } from 'mongodb'
import { Failure } from '../../domain/failure.ts'
import { guarded, isDuplicate, unhurried } from '../faults.ts'
import { createLease } from './lease.ts'
import type { Migration } from './migration.ts'
import { migrations as ofThisVersion } from './migrations.ts'

export interface MigrateOptions {
  readonly migrations?: readonly Migration[]
  /** How long the others wait for a process that died. */
  readonly leaseMs?: number
  readonly onDone?: (id: string, tookMs: number) => void
  readonly wait?: (ms: number) => Promise<unknown>
}

interface MigrationDocument {
  readonly _id: string
  readonly doneAt: number
  readonly tookMs: number
}

const retryMs = 200

/**
 * Brings stored documents to the form of this version. Of several processes that start at once, one migrates and the others wait; if it
 * dies, another takes over when its lease ends. Throws Failure `invalid_settings` for a database of a newer version.
 */
export const migrate = async (db: Db, options: MigrateOptions = {}): Promise<void> => {
  const { migrations = ofThisVersion, leaseMs = 15_000, onDone = () => undefined, wait = setTimeout } = options
  const records = db.collection<MigrationDocument>('migrations')
  const lease = createLease(db.collection('migrations'), leaseMs)
  const missing = () => missingOf(migrations, records, lease.id)
  for (;;) {
    if ((await missing()).length === 0) return
    if (await isNew(db)) return markAll(migrations, records)
    if (await lease.take()) break
    await wait(retryMs)
  }
  const renewing = setInterval(() => void lease.take().catch(() => undefined), leaseMs / 3)
  try {
    // Read again: another process may have finished before this one had the lease.
    for (const { id, run } of await missing()) {
      const begunAt = Date.now()
      await unhurried(run(db))
      const tookMs = Date.now() - begunAt
      await guarded(records.replaceOne({ _id: id }, { doneAt: Date.now(), tookMs }, { upsert: true }))
      onDone(id, tookMs)
    }
  } finally {
    clearInterval(renewing)
    await lease.release()
  }
}

const missingOf = async (
  migrations: readonly Migration[],
  records: Collection<MigrationDocument>,
  leaseId: string,
): Promise<readonly Migration[]> => {
  const done = new Set((await guarded(records.find({ _id: { $ne: leaseId } }).toArray())).map(({ _id }) => _id))
  const newer = [...done].find(id => !migrations.some(each => each.id === id))
  if (newer !== undefined)
    throw new Failure(
      'invalid_settings',
      `The database was migrated by a newer version of Doorbell (${newer}). Start that version, or restore a backup from before.`,
    )
  return migrations.filter(({ id }) => !done.has(id))
}

/** A new database holds nothing to migrate. */
const isNew = async (db: Db): Promise<boolean> =>
  (await guarded(db.listCollections({ name: { $ne: 'migrations' } }, { nameOnly: true }).toArray())).length === 0

const markAll = async (migrations: readonly Migration[], records: Collection<MigrationDocument>): Promise<void> => {
  const documents = migrations.map(({ id }) => ({ _id: id, doneAt: Date.now(), tookMs: 0 }))
  const inserted = records.insertMany(documents, { ordered: false }).catch((error: unknown) => {
    if (!isDuplicate(error)) throw error
  })
  await guarded(inserted)
}
