import { longestLogMs } from '../delivery-document.ts'
import { type Migration, onTheWay } from './migration.ts'

const latestEnd = { $add: [{ $toDate: { $toLong: '$updatedAt' } }, longestLogMs] }

/** What waits is never forgotten; and a final row's end is its tenant's retention, no longer 30 days for everybody. */
export const openRowsDoNotExpire: Migration = {
  id: '0002-open-rows-do-not-expire',
  run: async db => {
    const rows = db.collection('deliveries')
    await rows.updateMany({ open: true, expireAt: { $exists: true } }, { $unset: { expireAt: '' } }, onTheWay)
    const early = { open: { $exists: false }, $expr: { $lt: ['$expireAt', latestEnd] } }
    await rows.updateMany(early, [{ $set: { expireAt: latestEnd } }], onTheWay)
  },
}
