import { type Migration, onTheWay } from './migration.ts'

/** The first version had no order of visits. */
export const subscriptionsNameTheirOrder: Migration = {
  id: '0003-subscriptions-name-their-order',
  run: async db => {
    const subscriptions = db.collection('subscriptions')
    await subscriptions.updateMany({ ordering: { $exists: false } }, { $set: { ordering: 'none' } }, onTheWay)
  },
}
