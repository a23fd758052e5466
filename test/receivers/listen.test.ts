import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test, { type ExecutionContext } from 'ava'
import { createVerifier, type WebhookEvent } from 'doorbell/receiver'
import { UserError } from '../../src/cli/command.ts'
import { readListenOptions } from '../../src/cli/listen/options.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { takeDatabase } from '../support/databases.ts'
import { adminToken, checkIn, type Doorbell, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const root = join(import.meta.dirname, '../..')

test('listen forwards new events with the headers of a real delivery, and a verifier accepts them', async t => {
  const doorbell = await startDoorbell(t)
  const [real, local] = [await startReceiver(t), await startReceiver(t)]
  await subscribe(doorbell, real.url)
  await publish(doorbell, 'before')
  await real.count(1)
  // The feed starts at a whole second, and the first event must belong to an earlier one.
  const since = await laterSecond(doorbell)
  const listening = await startListen(t, doorbell, ['--to', local.url, '--since', since])
  await publish(doorbell, 'one')
  await publish(doorbell, 'two', 'visit.created')
  const arrivals = await local.count(2)
  const verifier = createVerifier(listening.settings)
  const events: WebhookEvent[] = []
  for (const { headers, body } of arrivals) events.push(await verifier.verify(headers, body))
  t.like(events, [
    { visitId: 'one', type: 'visit.checked_in' },
    { visitId: 'two', type: 'visit.created' },
  ])
  const [, delivered] = await real.count(2)
  t.deepEqual(Object.keys(arrivals[0]?.headers ?? {}).toSorted(), withFetch(delivered?.headers ?? {}))
  t.is(arrivals[0]?.body, delivered?.body, 'the same bytes')
  await listening.line(/ {2}two {2}204 /)
  t.is(await listening.end(), 0)
})

test('listen forwards the chosen types in the chosen payload form, and shows the receiver’s answers', async t => {
  const doorbell = await startDoorbell(t)
  const local = await startReceiver(t, ({ index }) => (index === 0 ? 401 : 204))
  const { port } = new URL(local.url)
  const wanted = ['--event-types', 'visit.checked_out', '--payload', 'thin']
  const listening = await startListen(t, doorbell, ['--to', `${port}/hook`, ...wanted])
  await publish(doorbell, 'one')
  for (const visit of ['two', 'three']) await publish(doorbell, visit, 'visit.checked_out')
  await listening.line(/ {2}two {2}401 /)
  await listening.line(/ {2}three {2}204 /)
  const bodies = local.arrivals.map(({ body }) => JSON.parse(body) as WebhookEvent)
  t.deepEqual(
    bodies.map(({ visitId, data }) => [visitId, data]),
    [
      ['two', undefined],
      ['three', undefined],
    ],
  )
  t.false(listening.output().includes('Jansen'), 'the output contains no names')
})

test('listen waits for a receiver that is not running yet, and loses no event', async t => {
  const doorbell = await startDoorbell(t)
  const port = await freePort(0)
  const listening = await startListen(t, doorbell, ['--to', String(port)])
  await publish(doorbell, 'early')
  await listening.line(/Nothing listens at http:\/\/127\.0\.0\.1:\d+\//)
  const server = createServer((request, response) => request.resume().on('end', () => response.writeHead(204).end()))
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  await listening.line(/ {2}early {2}204 /)
  t.pass()
})

test('listen survives a restart of Doorbell, and a later run continues where an earlier one ended', async t => {
  const settings = { database: takeDatabase(t), port: await freePort(0), encryptionKey: randomBytes(32) }
  const local = await startReceiver(t)
  const before = await startDoorbell(t, settings)
  const listening = await startListen(t, before, ['--to', local.url])
  await publish(before, 'one')
  await local.count(1)
  await before.service.stop()
  await listening.line(/Trying again/)
  const after = await startDoorbell(t, settings)
  await publish(after, 'two')
  await listening.line(/ {2}two {2}204 /)
  await listening.line(/Doorbell is back/)
  t.is(await listening.end(), 0)
  const [, cursor = ''] = /--cursor (\S+)/.exec(await listening.line(/To continue/)) ?? []
  await publish(after, 'three')
  const later = await startListen(t, after, ['--to', local.url, '--cursor', cursor])
  await later.line(/ {2}three {2}204 /)
  t.deepEqual(
    local.arrivals.map(({ body }) => (JSON.parse(body) as WebhookEvent).visitId),
    ['one', 'two', 'three'],
  )
  t.is(later.settings.secret, listening.settings.secret, 'a receiver keeps its settings')
})

test('listen reports a wrong option or token, and ends', async t => {
  const doorbell = await startDoorbell(t)
  await doorbell.call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const { body: narrow } = await doorbell.call<{ token: string }>('POST', '/v1/tenants/acme/tokens', {
    scopes: ['events:write'],
  })
  const taken = new URL((await startReceiver(t)).url).port
  const good = ['--url', doorbell.service.url, '--tenant', 'acme']
  const token = ['--token', adminToken]
  const cases: [readonly string[], RegExp][] = [
    [[...good, '--token', 'nonsense'], /does not accept this token/],
    [[...good, '--token', narrow.token], /scope deliveries:read/],
    [[...good, ...token, '--tenant', 'unknown'], /unknown/],
    [[...good, ...token, '--url', `http://127.0.0.1:${await freePort(0)}`], /No service answers at/],
    [[...good, ...token, '--keys-port', taken], /\(EADDRINUSE\)\. Choose another port with --keys-port/],
    [[...good, ...token, '--secret', 'whsec_c2hvcnQ='], /--secret must be whsec_/],
    [[...good, ...token, '--cursor', 'nonsense'], /cursor is not from this list/],
    [[...good, ...token, '--event-types', 'visit.*,visit.chekced_in'], /no event type "visit\.chekced_in".*checked_in/],
  ]
  for (const [args, message] of cases) {
    const listening = run(t, args)
    t.is(await listening.ended, 1, args.join(' '))
    t.regex(listening.output(), message)
  }
})

test('listen accepts options in several forms, and names an option that is not valid', t => {
  const given = ['--tenant', 'acme', '--token', 'x']
  const read = (...args: string[]) => readListenOptions([...given, ...args], {}, Date.parse('2026-03-02T10:00:00Z'))
  t.like(read('--to', '8080', '--since', '15m'), { to: 'http://127.0.0.1:8080/', since: '2026-03-02T09:45:00.000Z' })
  t.like(read('--to', 'localhost:1/hook', '--url', 'https://d.example/'), {
    to: 'http://localhost:1/hook',
    url: 'https://d.example',
  })
  t.like(readListenOptions(['--tenant', 'acme'], { DOORBELL_TOKEN: 'x' }, 0), { token: 'x', eventTypes: ['*'] })
  for (const [args, message] of [
    [['--since', 'yesterday'], /--since must be a time/],
    [['--to', 'http://:'], /--to must be a URL or a port/],
    [['--keys-port', 'x'], /--keys-port must be a port/],
    [['--payload', 'fat'], /--payload must be full or thin/],
    [['--since', '1h', '--cursor', 'x'], /not both/],
    [['--type', 'x'], /--type/],
  ] as const)
    t.throws(() => read(...args), { instanceOf: UserError, message })
  t.throws(() => readListenOptions(['--tenant', 'acme'], {}, 0), { message: /--token or DOORBELL_TOKEN/ })
})

/** Publishes an event of a visit. */
const publish = async ({ call }: Doorbell, visitId: string, type = 'visit.checked_in') => {
  const { body: types } = await call<{ items: readonly { type: string; sample: object }[] }>('GET', '/v1/event-types')
  const data = types.items.find(known => known.type === type)?.sample
  const { status } = await call('POST', '/v1/tenants/acme/events', checkIn({ type, visitId, data }))
  if (status !== 202) throw new Error(`the event was answered ${status}`)
}

/** Resolves to the service's time, in whole seconds, when the second of the call is over. */
const laterSecond = async ({ call }: Doorbell): Promise<string> => {
  const now = async () => Date.parse((await call('GET', '/livez')).headers.get('date') ?? '')
  const begun = await now()
  return new Date(await until(now, later => later > begun)).toISOString()
}

/** The names of the given headers and of those that fetch adds. */
const withFetch = (headers: object): readonly string[] =>
  [...new Set([...Object.keys(headers), 'accept', 'accept-encoding', 'accept-language', 'sec-fetch-mode'])].toSorted()

/** Starts the command as a process. Resolves when it is waiting for events. */
const startListen = async (t: ExecutionContext, doorbell: Doorbell, args: readonly string[]) => {
  await doorbell.call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const connection = ['--url', doorbell.service.url, '--tenant', 'acme', '--token', adminToken, '--keys-port', '0']
  const running = run(t, [...connection, ...args])
  const setting = async (name: string) => (await running.line(new RegExp(`${name}=`))).split('=').slice(1).join('=')
  const settings = {
    issuer: await setting('DOORBELL_ISSUER'),
    subscriptionId: await setting('DOORBELL_SUBSCRIPTION'),
    secret: await setting('DOORBELL_SECRET'),
  }
  await running.line(/Waiting for events/)
  return { ...running, settings }
}

const run = (t: ExecutionContext, args: readonly string[]) => {
  const child = spawn(process.execPath, [join(root, 'src/cli/doorbell.ts'), 'listen', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const receive = (line: string) => {
    lines.push(line)
    waiting.forEach(check => check())
  }
  for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', receive)
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  return {
    ended,
    output: () => lines.join('\n'),
    end: () => (child.kill('SIGINT'), ended),
    /** Resolves to the first line that matches. */
    line: (wanted: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find(line => wanted.test(line))
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        void ended.then(() => reject(new Error(`ended without ${String(wanted)}: ${lines.join('\n')}`)))
        check()
      }),
  }
}
