import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

const batch = (from: number, count: number) => ({
  events: Array.from({ length: count }, (_, index) => checkIn({ id: `evt-${from + index}` })),
})
const post = '/v1/tenants/acme/events/batch'

test.serial(
  'kill -9 of the service loses nothing: the next start replaces the servers left behind and delivers every accepted event',
  async t => {
    const dataDir = await temporaryFolder(t)
    const environment = { DOORBELL_DATA_DIR: dataDir, PUBLIC_URL: 'http://doorbell.test' }
    const receiver = await startReceiver(t)
    const first = await startProcess(environment)
    const { id } = await subscribe(first, receiver.url, { maxInFlight: 8 })
    t.is((await first.call('POST', post, batch(0, 500))).status, 202)
    await receiver.count(50)
    first.child.kill('SIGKILL')
    await first.ended
    const leftover = Number(await readFile(join(dataDir, 'mongod.pid'), 'utf8'))
    t.notThrows(() => process.kill(leftover, 0), 'the mongod lives on')

    const second = await startProcess(environment)
    t.teardown(() => second.child.kill('SIGKILL'))
    t.true(second.output().includes('left behind'))
    await gone(leftover)
    for (let index = 0; index < 500; index += 1) await rowWhen(second, `evt-${index}.${id}`)
    const ids = receiver.arrivals.map(arrival => arrival.headers['webhook-id'])
    t.is(new Set(ids).size, 500)
    t.true(ids.length - 500 <= 16, 'at most what was in flight, or answered and not yet written, is doubled')

    await t.throwsAsync(startProcess(environment), { message: /in use by another Doorbell \(process \d+\)/ })
    second.child.kill('SIGTERM')
    t.is(await second.ended, 0)
  },
)

test.serial(
  'while nats-server is away an event is answered 503 with Retry-After, and accepted as soon as it is back',
  async t => {
    const dataDir = await temporaryFolder(t)
    const receiver = await startReceiver(t)
    const doorbell = await startProcess({ DOORBELL_DATA_DIR: dataDir, PUBLIC_URL: 'http://doorbell.test' })
    t.teardown(() => doorbell.child.kill('SIGKILL'))
    await subscribe(doorbell, receiver.url)
    await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-before' }))
    await receiver.count(1)
    const nats = Number(await readFile(join(dataDir, 'nats-server.pid'), 'utf8'))
    process.kill(nats, 'SIGSTOP')
    const answer = await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-during' }))
    t.like(answer, { status: 503, body: { code: 'streams_unavailable' } })
    t.true(Number(answer.headers.get('retry-after')) > 0)
    process.kill(nats, 'SIGCONT')
    for (let status = 0; status !== 202;)
      ({ status } = await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-during' })))
    await receiver.count(2)
    doorbell.child.kill('SIGTERM')
    t.is(await doorbell.ended, 0)
  },
)

/** Resolves when no process has this id. A process that was killed keeps it until its parent has noticed. */
const gone = (pid: number): Promise<boolean> =>
  until(() => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  })
