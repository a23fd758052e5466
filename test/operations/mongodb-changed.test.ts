import test from 'ava'
import { checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { createDoorbellUser, startOwnMongod } from '../support/own-mongod.ts'
import { startReceiver } from '../support/receiver.ts'
import { freshName } from '../support/servers.ts'
import { until } from '../support/until.ts'

const restored = 'something that Doorbell needs was restored'

/** The lines of the log with this text. */
const linesOf = ({ lines }: Doorbell, text: string) =>
  lines.map(line => JSON.parse(line) as Record<string, string>).filter(({ msg }) => msg === text)

const readyz = async ({ call }: Doorbell) =>
  (await call<{ status: string; checks: Readonly<Record<string, string>> }>('GET', '/readyz')).body

const tenants = ['acme', 'globex'] as const

test('with the documented role a service works, restores what is dropped or changed in MongoDB, and survives refused and hanging writes', async t => {
  const mongod = await startOwnMongod(t, { users: true })
  const database = freshName('changed')
  await createDoorbellUser(mongod.admin, database)
  const doorbell = await startDoorbell(t, { mongodbUrl: mongod.url('doorbell'), database })
  const db = mongod.admin.db(database)
  const receiver = await startReceiver(t)
  const subscriptions = await Promise.all(tenants.map(tenant => subscribe(doorbell, receiver.url, {}, tenant)))
  const post = async (id: string) => {
    for (const tenant of tenants)
      t.is((await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id }))).status, 202, id)
  }
  const delivered = async (id: string) => {
    for (const [index, tenant] of tenants.entries())
      await rowWhen(doorbell, `${id}.${subscriptions[index]?.id}`, undefined, tenant)
  }
  await post('before')
  await delivered('before')
  t.is((await readyz(doorbell)).status, 'ok')
  t.deepEqual(linesOf(doorbell, restored), [])

  // A lost index and a lost validator; then a change of primary, after which the service compares.
  const indexes = (await db.collection('deliveries').indexes()).length
  await db.collection('deliveries').drop()
  await db.collection('tokens').dropIndex('hash_1')
  await db.command({ collMod: 'audit', validationAction: 'warn' })
  await mongod.admin.db('admin').command({ replSetStepDown: 1, force: true })
  const objects = await until(
    () => linesOf(doorbell, restored).map(({ object }) => object),
    ({ length }) => length === 3,
  )
  t.deepEqual(objects, ['collection deliveries', 'validator of audit', 'index hash_1 of tokens'])
  t.regex(linesOf(doorbell, restored)[0]?.['promise'] ?? '', /every delivery that waited \(pending or held\)/)
  t.is((await db.collection('deliveries').indexes()).length, indexes)
  await post('after')
  await delivered('after')

  // A role without writes.
  await mongod.admin.db('admin').command({ updateUser: 'doorbell', roles: [{ role: 'read', db: database }] })
  const refused = await until(
    () => readyz(doorbell),
    ({ checks }) => 'writes to MongoDB' in checks,
  )
  t.is(refused.status, 'degraded')
  t.regex(refused.checks['writes to MongoDB'] ?? '', /role does not allow.*wait in the stream.*grantRolesToUser/)
  await post('refused')
  await mongod.admin.db('admin').command({ updateUser: 'doorbell', roles: ['doorbell'] })
  await delivered('refused')

  // A lock, behind which writes hang.
  await until(
    () => readyz(doorbell),
    ({ status }) => status === 'ok',
  )
  await mongod.admin.db('admin').command({ fsync: 1, lock: true })
  const locked = await until(
    () => readyz(doorbell),
    ({ checks }) => 'writes to MongoDB' in checks,
  )
  t.is(locked.status, 'degraded')
  t.regex(locked.checks['writes to MongoDB'] ?? '', /not done within 5 s.*fsyncUnlock/)
  await post('locked')
  await mongod.admin.db('admin').command({ fsyncUnlock: 1 })
  await delivered('locked')
  await until(
    () => readyz(doorbell),
    ({ status }) => status === 'ok',
  )
  t.deepEqual(
    linesOf(doorbell, 'a promise does not hold').map(({ object }) => object),
    ['writes to MongoDB', 'writes to MongoDB'],
  )
  t.is(linesOf(doorbell, 'the promise holds again').length, 2)
  t.is(receiver.arrivals.length, 8, 'each event once to each of them')
})
