import { longestWaitMs } from '../delivery-document.ts'
import type { Migration } from './migration.ts'

/**
 * Gives rows that wait the end that they have had since 0.3, counted from now, so that a worker can end those that are overdue with their reason.
 * The documents satisfy the validators of both releases, so the user needs no privilege to bypass them.
 */
export const waitingRowsHaveAnEnd: Migration = {
  id: '0001-waiting-rows-have-an-end',
  run: db =>
    db
      .collection('deliveries')
      .updateMany({ expireAt: { $exists: false } }, [{ $set: { expireAt: { $add: ['$$NOW', longestWaitMs] } } }]),
}
