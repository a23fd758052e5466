import test from 'ava'
import { freshLedger } from '../../../test/support/databases.ts'
import { freshName, mongodbUrl } from '../../../test/support/servers.ts'
import { openLedger } from '../ledger.ts'
import { dayMs } from '../../domain/time.ts'
import { newTenant } from '../../../test/support/ledger.ts'
import { toDocument } from '../delivery-document.ts'

test('rows of 0.2.0 that wait get an end 40 days from now; finished ones and new ones keep theirs', async t => {
  const database = freshName('ends')
  const first = await freshLedger(t, { database })
  const { row } = newTenant()
  const done = toDocument(row('done', { status: 'delivered', nextAttemptAt: null }))
  const recent = toDocument(row('recent'))
  const { expireAt: _, ...old } = toDocument(row('old', { status: 'held', reason: 'paused' }))
  const deliveries = first.db.collection<{ _id: string; expireAt?: Date }>('deliveries')
  await deliveries.insertMany([done, recent, old])
  await first.db.collection('migrations').deleteMany({})

  const ran: string[] = []
  const second = await openLedger({ url: mongodbUrl(), database, onDone: id => void ran.push(id) })
  t.teardown(second.close)
  t.deepEqual(ran, ['0001-waiting-rows-have-an-end'])
  const endOf = async (id: string) => (await deliveries.findOne({ _id: id }))?.expireAt
  t.deepEqual(await endOf(done._id), done.expireAt)
  t.deepEqual(await endOf(recent._id), recent.expireAt)
  const inDays = (((await endOf(old._id)) ?? new Date(0)).getTime() - Date.now()) / dayMs
  t.true(inDays > 39.9 && inDays < 40.1, `${inDays} days`)
})
