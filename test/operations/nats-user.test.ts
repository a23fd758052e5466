import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import test from 'ava'
import { connect } from 'nats'
import { takeDatabase } from '../support/databases.ts'
import { checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { temporaryFolder } from '../support/service-process.ts'
import { startNatsServer } from '../support/test-stream.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '../..')
const documented = () => readFile(join(root, 'deploy/nats/user.conf'), 'utf8')

test('the documented permissions are those of deploy/nats/user.conf', async t => {
  const page = await readFile(join(root, 'docs/operations.md'), 'utf8')
  t.true(page.includes(`\`\`\`\n${await documented()}\`\`\``))
})

test('a user with the documented permissions can do all that Doorbell needs, and restore what was lost', async t => {
  const database = takeDatabase(t)
  // The streams of a test have the name of its database.
  const own = (await documented()).replaceAll('VISITS', database).replaceAll('visits', database)
  const administrator = `{ user: administrator, password: administrator }`
  const config = join(await temporaryFolder(t), 'nats.conf')
  await writeFile(
    config,
    own.replace('$DOORBELL_NATS_PASSWORD', 'secret').replace('users: [', `users: [ ${administrator}`),
  )
  const server = await startNatsServer(t, ['-js', '-c', config])
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t, {
    database,
    natsUrl: `nats://doorbell:secret@127.0.0.1:${server.port}`,
    partitions: 2,
  })
  const { id } = await subscribe(doorbell, receiver.url, { ordering: 'visit' })
  const send = async (event: string) => {
    const post = () => doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: event }))
    await until(post, ({ status }) => status === 202)
    await rowWhen(doorbell, `${event}.${id}`)
  }
  await send('evt-1')
  await until(
    () => doorbell.database('progress') as Promise<{ highest: number }[]>,
    ([progress]) => (progress?.highest ?? 0) > 1,
  )
  t.is((await doorbell.call('GET', '/v1/tenants/acme/events')).status, 200)
  const connection = await connect({
    servers: `127.0.0.1:${server.port}`,
    user: 'administrator',
    pass: 'administrator',
  })
  t.teardown(() => connection.close())
  const manager = await jetstreamManager(connection)
  await manager.consumers.delete(database, 'partition-0')
  await manager.consumers.pause(database, 'partition-1', new Date(Date.now() + 3_600_000))
  await send('evt-2')
  await manager.streams.update(database, { discard: 'old' } as never)
  await until(async () => (await manager.streams.info(database)).config.discard === 'new')
  await manager.streams.delete(database)
  await manager.streams.delete(`KV_${database}_FLEET`)
  await send('evt-3')
  t.deepEqual(
    receiver.arrivals.map(({ headers }) => headers['webhook-id']),
    ['evt-1', 'evt-2', 'evt-3'],
  )
  const refused = doorbell.lines
    .filter(line => /not allow|Permissions|could not compare|cannot be compared/.test(line))
    // A comparison may have been under way when the stream was removed.
    .filter(line => !/(?:Stream|Consumer)NotFound/.test(line))
  t.deepEqual(refused, [])
})
