import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { type ServiceProcess, startProcess, temporaryFolder } from '../support/service-process.ts'
import { until } from '../support/until.ts'

const tenants = Array.from({ length: 12 }, (_, n) => `tenant-${n}`)

/** Process ids of a service's worker processes. */
const workersOf = ({ child }: ServiceProcess): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, parent, ...command]) => Number(parent) === child.pid && command.join(' ').includes('src/main.ts'))
    .map(([pid]) => Number(pid))

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
test.serial(
  'DOORBELL_WORKERS processes share the work; what a killed one had is delivered, and it is restarted',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startProcess({
      DOORBELL_DATA_DIR: await temporaryFolder(t),
      PUBLIC_URL: 'http://doorbell.test',
      DOORBELL_WORKERS: '2',
    })
    t.teardown(() => doorbell.child.kill('SIGKILL'))
    const ids = new Map<string, string>()
    for (const tenant of tenants) ids.set(tenant, (await subscribe(doorbell, receiver.url, {}, tenant)).id)
    const post = async (id: string) => {
      for (const tenant of tenants)
        t.is((await doorbell.call('POST', `/v1/tenants/${tenant}/events`, checkIn({ id }))).status, 202)
    }
    const delivered = async (id: string) => {
      for (const tenant of tenants) await rowWhen(doorbell, `${id}.${ids.get(tenant)}`, undefined, tenant)
    }
    const shared = () => doorbell.output().includes('"workers":2')
    await until(shared)
    await post('evt-1')
    await delivered('evt-1')
    t.is(receiver.arrivals.length, tenants.length)

    const before = workersOf(doorbell)
    t.is(before.length, 2)
    const [killed = 0] = before
    process.kill(killed, 'SIGKILL')
    const killedAt = performance.now()
    await post('evt-2')
    await delivered('evt-2')
    t.log(`all delivered ${Math.round(performance.now() - killedAt)} ms after the kill`)
    await until(() => workersOf(doorbell).length === 2)
    t.false(workersOf(doorbell).includes(killed))
    t.true(doorbell.output().includes('a worker process ended and is restarted'))

    const last = workersOf(doorbell)
    doorbell.child.kill('SIGTERM')
    t.is(await doorbell.ended, 0)
    t.deepEqual(last.filter(lives), [], 'they ended first')
  },
)

test.serial('worker processes that cannot run are restarted ever more slowly, with their cause in the log', async t => {
  const port = await freePorts(3)
  for (const taken of [port + 1, port + 2]) {
    const blocker = createServer().listen(taken, '127.0.0.1')
    await once(blocker, 'listening')
    t.teardown(() => blocker.close())
  }
  const doorbell = await startProcess({
    DOORBELL_DATA_DIR: await temporaryFolder(t),
    DOORBELL_WORKERS: '2',
    DOORBELL_METRICS_PORT: String(port),
  })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  const ends = () =>
    doorbell
      .output()
      .split('\n')
      .filter(line => line.includes('a worker process ended and is restarted'))
      .map(line => JSON.parse(line) as { cause: string; times: number; againInMs: number })
  await until(() => ends().some(({ times }) => times === 2))
  for (const { cause } of ends())
    t.regex(cause, /^conflict: Port \d+ of 127\.0\.0\.1 is in use\. Stop what listens there/)
  t.deepEqual(
    ends()
      .filter(({ times }) => times === 2)
      .map(({ againInMs }) => againInMs)[0],
    200,
  )
  doorbell.child.kill('SIGTERM')
  t.is(await doorbell.ended, 0)
})

test.serial(
  'an API without workers accepts events and says that none is delivered; they are as soon as a worker starts',
  async t => {
    const receiver = await startReceiver(t)
    const api = await startDoorbell(t, { role: 'api', publicUrl: 'http://doorbell.test' })
    const neighbour = await startDoorbell(t)
    const { id } = await subscribe(api, receiver.url)
    const ready = async ({ call }: Pick<Doorbell, 'call'>) =>
      (await call<{ status: string; checks: Record<string, string> }>('GET', '/readyz')).body
    t.is((await api.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))).status, 202)

    const { checks } = await until(
      () => ready(api),
      found => found.checks['workers'] !== undefined,
    )
    t.regex(checks['workers'] ?? '', /^none is running\. Events of their tenants are accepted and wait.*Start a worker/)
    t.true(api.lines.some(line => line.includes('a promise does not hold') && line.includes('none is running')))
    t.is((await ready(neighbour)).checks['workers'], undefined)

    await startDoorbell(t, { ...api.settings, role: 'worker' })
    await rowWhen(api, `evt-1.${id}`)
    await until(
      () => ready(api),
      found => found.checks['workers'] === undefined,
    )
    t.true(api.lines.some(line => line.includes('the promise holds again')))
  },
)

/** So many free ports in a row; returns the first. */
const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    const first = await freePort(0)
    const others = Array.from({ length: count - 1 }, (_, index) => first + index + 1)
    const free = await Promise.all(others.map(async port => (await freePort(port)) === port))
    if (free.every(Boolean)) return first
  }
}

test.serial('worker processes end by themselves when the process that started them is killed', async t => {
  const doorbell = await startProcess({ DOORBELL_DATA_DIR: await temporaryFolder(t), DOORBELL_WORKERS: '2' })
  t.teardown(() => doorbell.child.kill('SIGKILL'))
  await until(() => doorbell.output().includes('"workers":2'))
  const workers = workersOf(doorbell)
  t.is(workers.length, 2)
  doorbell.child.kill('SIGKILL')
  await doorbell.ended
  await until(() => !workers.some(lives))
  t.pass()
})
