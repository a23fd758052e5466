import { logRetentionMs } from '../delivery-document.ts'
import { type Migration, onTheWay } from './migration.ts'

/** Replays that are over were kept for ever. */
export const replaysExpire: Migration = {
  id: '0004-replays-expire',
  run: async db => {
    const over = { finishedAt: { $ne: null }, expireAt: { $exists: false } }
    const end = { $add: [{ $toDate: { $toLong: '$finishedAt' } }, logRetentionMs] }
    await db.collection('replays').updateMany(over, [{ $set: { expireAt: end } }], onTheWay)
  },
}
