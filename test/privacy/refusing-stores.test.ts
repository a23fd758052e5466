import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import test, { type ExecutionContext } from 'ava'
import { connect } from 'nats'
import { publishSubject } from '../../src/streams/names.ts'
import { prepareNatsCluster } from '../../tools/clusters/nats.ts'
import { type Doorbell, startDoorbell, subscribe } from '../support/doorbell.ts'
import { createDoorbellUser, startOwnMongod } from '../support/own-mongod.ts'
import { startReceiver } from '../support/receiver.ts'
import { freshName } from '../support/servers.ts'
import { temporaryFolder } from '../support/service-process.ts'
import { exporter } from '../support/telemetry.ts'
import { until } from '../support/until.ts'

const anna = {
  id: 'visitor-of-4711',
  firstName: 'Annabella',
  lastName: 'Jansen-Smit',
  email: 'annabella@example.com',
  phone: '+32 470 99 88 77',
  company: 'Smit Advies',
}
const secrets = {
  inPath: 'pathT0ken4711',
  inQuery: 'queryT0ken4711',
  inHeader: 'headerT0ken4711',
  changed: 'changedT0ken4711',
}

const checkIn = (id: string) => ({
  id,
  type: 'visit.checked_in',
  visitId: `visit-of-${id}`,
  data: {
    visitor: anna,
    host: { id: 'host-7', name: 'Tom Peeters' },
    site: 'brussels',
    checkedInAt: '2026-03-02T08:56:12Z',
  },
})

/** A nats-server with a user, whose permissions and stream a test takes away. */
const startOwnNats = async (t: ExecutionContext) => {
  const folder = await temporaryFolder(t)
  const nats = await prepareNatsCluster(folder, { size: 1, sync: '2m' })
  t.teardown(nats.stop)
  const config = join(folder, 'nats-0.conf')
  const plain = JSON.parse(await readFile(config, 'utf8')) as object
  const allow = async (permissions: object) => {
    const users = [
      { user: 'service', password: 'password-of-service', permissions },
      { user: 'admin', password: 'password-of-admin' },
    ]
    await writeFile(config, JSON.stringify({ ...plain, authorization: { users } }))
  }
  await allow({})
  await nats.start()
  const urlOf = (user: string) => nats.url.replace('//', `//${user}:password-of-${user}@`)
  const change = async (permissions: object) => {
    await allow(permissions)
    process.kill(nats.nodes[0]?.pid ?? 0, 'SIGHUP')
  }
  return { url: urlOf('service'), change, admin: { servers: nats.url, user: 'admin', pass: 'password-of-admin' } }
}

/** Calls, whose problem answers are kept as text. */
const recorded = ({ call }: Doorbell) => {
  const answers: string[] = []
  const asked = async (method: string, path: string, body?: unknown): Promise<number> => {
    const { status, body: answer, headers } = await call(method, path, body)
    if (status >= 400) answers.push(JSON.stringify([status, answer, [...headers]]))
    return status
  }
  return { answers, asked }
}

const count = ({ lines }: Doorbell, part: string) => lines.filter(line => line.includes(part)).length
const tenant = '/v1/tenants/acme'

test('while every store refuses everything, no log line, span, metric or problem holds what it was about', async t => {
  const [mongod, nats] = await Promise.all([startOwnMongod(t, { users: true }), startOwnNats(t)])
  const database = freshName('refusing')
  await createDoorbellUser(mongod.admin, database)
  const doorbell = await startDoorbell(t, { mongodbUrl: mongod.url('doorbell'), natsUrl: nats.url, database })
  const { answers, asked } = recorded(doorbell)
  const receiver = await startReceiver(t)
  const url = `${receiver.url}/${secrets.inPath}?key=${secrets.inQuery}`
  const { id, secret } = await subscribe(doorbell, url, { headers: { 'x-key': secrets.inHeader } })
  await asked('POST', `${tenant}/events`, checkIn('before'))
  await receiver.count(1)
  const db = mongod.admin.db(database)
  const stored = await db.collection('subscriptions').findOne({})
  const sealed = [stored?.['sealedSecret'], stored?.['sealedExtras']].map(String)
  t.true(sealed.every(text => text.length > 20))

  const client = await connect(nats.admin)
  t.teardown(() => client.close())
  const subject = publishSubject({ stream: database, root: database }, 'acme', 'visit.checked_in')
  const everyCall = async (name: string) => {
    client.publish(subject, JSON.stringify(checkIn(`${name}-direct`)))
    client.publish(subject, `{"data": {"visitor": ${JSON.stringify(anna)}`)
    await Promise.all([
      asked('POST', `${tenant}/events`, checkIn(name)),
      asked('POST', `${tenant}/events/batch`, { events: [checkIn(`${name}-batch`)] }),
      asked('PATCH', `${tenant}/subscriptions/${id}`, { url: `${receiver.url}/${secrets.changed}` }),
      asked('POST', `${tenant}/subscriptions`, { url, eventTypes: ['visit.*'], description: anna.firstName }),
      asked('POST', `${tenant}/subscriptions/${id}/rotate-secret`, {}),
      asked('POST', `${tenant}/subscriptions/${id}/test`, { type: 'visit.checked_in' }),
      asked('DELETE', `${tenant}/visitors/${anna.id}`),
      asked('PUT', '/v1/tenants/another', { name: anna.company }),
      asked('GET', '/readyz'),
    ])
  }

  // MongoDB refuses every write.
  await mongod.admin.db('admin').command({ updateUser: 'doorbell', roles: [{ role: 'read', db: database }] })
  await everyCall('read-only')
  await until(() => count(doorbell, 'waiting for a server') > 2)
  await until(() => count(doorbell, '"code":13') > 0)

  // It refuses every document.
  await mongod.admin.db('admin').command({ updateUser: 'doorbell', roles: ['doorbell'] })
  for (const name of ['deliveries', 'subscriptions', 'erasures', 'aside', 'audit'])
    await db.command({ collMod: name, validator: { $jsonSchema: { required: ['nothing'] } } })
  await everyCall('invalid')
  await until(() => count(doorbell, '"code":121') > 0)
  await until(() => count(doorbell, 'validator of audit') > 0)

  // NATS refuses every event.
  await nats.change({ publish: { deny: [`${database}.in.>`] } })
  await until(async () => (await asked('POST', `${tenant}/events`, checkIn('denied'))) === 503)
  await everyCall('denied')
  await nats.change({})
  await until(async () => (await asked('POST', `${tenant}/events`, checkIn('again'))) === 202)
  const manager = await jetstreamManager(client)
  const info = await manager.streams.info(database)
  await manager.streams.update(database, { ...info.config, max_bytes: info.state.bytes + 1 })
  await everyCall('full')
  const codes = answers.flatMap(answer => /"code":"(\w+)"/.exec(answer)?.[1] ?? [])
  t.deepEqual(
    [...new Set(codes)].toSorted(),
    ['internal', 'ledger_unavailable', 'stream_full', 'streams_unavailable'],
    'each store refused',
  )

  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status }) => JSON.stringify({ name, attributes, events, status }))
  t.true(spans.length > 0)
  const values = [...Object.values(anna), ...Object.values(secrets), ...sealed, secret]
  const found = (texts: readonly string[]) =>
    values.flatMap(value =>
      texts.filter(text => text.includes(value)).map(text => `${value} in ${text.slice(0, 2_000)}`),
    )
  t.deepEqual(found(doorbell.lines), [], 'log')
  t.deepEqual(found(spans), [], 'spans')
  t.deepEqual(found(answers), [], 'answers')
})
