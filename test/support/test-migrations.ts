import { type Migration, withoutValidation } from '../../src/ledger/migrations/migration.ts'

/** Two migrations for tests: rows get a revision, and open rows lose their end. */
export const testMigrations: readonly Migration[] = [
  {
    id: '0001-rows-have-a-revision',
    run: db =>
      db
        .collection('deliveries')
        .updateMany({ revision: { $exists: false } }, { $set: { revision: 1 } }, withoutValidation),
  },
  {
    id: '0002-open-rows-do-not-expire',
    run: db =>
      db
        .collection('deliveries')
        .updateMany({ open: true, expireAt: { $exists: true } }, { $unset: { expireAt: '' } }, withoutValidation),
  },
]
