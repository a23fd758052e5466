import { type Migration, onTheWay } from './migration.ts'

/** Writers of a row recognize each other by its revision; the first version had none, and called exhausted rows "not retryable". */
export const rowsHaveARevision: Migration = {
  id: '0001-rows-have-a-revision',
  run: async db => {
    const rows = db.collection('deliveries')
    await rows.updateMany({ revision: { $exists: false } }, { $set: { revision: 1 } }, onTheWay)
    await rows.updateMany({ reason: 'not_retryable' }, { $set: { reason: 'exhausted' } }, onTheWay)
  },
}
