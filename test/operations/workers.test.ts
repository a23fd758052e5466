import { execFileSync } from 'node:child_process'
import test from 'ava'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
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
