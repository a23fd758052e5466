import test from 'ava'
import { aServiceSettings } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import type { Settings } from '../../config/settings.ts'
import { type Program, startProgram } from './program.ts'

const servers = {
  natsUrl: 'nats://embedded',
  mongodbUrl: 'mongodb://embedded',
  adminToken: 'dba_generated',
  encryptionKey: new Uint8Array(32).fill(9),
}

/** Starts a program whose parts are fakes; `end` stops it. */
const started = async (change: Partial<Settings> = {}, { scrape = true, stuck = '' } = {}) => {
  const steps: string[] = []
  const part = (name: string, more: object = {}) => ({
    ...more,
    stop: async () => {
      steps.push(`${name} stops`)
      if (name === stuck) throw new Error(`${name} is stuck`)
    },
  })
  const fake = fakePorts<Program & { parts: NonNullable<Parameters<typeof startProgram>[2]> }>({
    'telemetry.shutdown': async () => void steps.push('telemetry is exported'),
    'parts.openServers': async (_: unknown, running: AsyncDisposableStack) => {
      running.defer(() => void steps.push('servers stop'))
      return servers
    },
    'parts.serveMetrics': async () => part('metrics', { url: 'http://metrics' }),
    'parts.startService': async () => part('service', { url: 'http://service' }),
    'parts.startWorkerProcesses': () => part('workers'),
    'parts.greet': () => undefined,
    stop: () => undefined,
  })
  const settings: Settings = {
    ...aServiceSettings({ adminToken: 'chosen', metricsPort: 9_464, metricsHost: '::1' }),
    ...change,
  }
  const { log, telemetry, parts, stop } = fake.ports
  const scraped = { text: async () => '' }
  const running = new AsyncDisposableStack()
  const { openServers, serveMetrics, startService, startWorkerProcesses, greet } = parts
  const program = { settings, log, telemetry, stop, scrape: scrape ? scraped : null }
  await fake.inOrder(() =>
    startProgram(program, running, { openServers, serveMetrics, startService, startWorkerProcesses, greet }),
  )
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, of, settings, scraped, steps, running }
}

test('a program starts its servers, /metrics and the service, and then says where they are', async t => {
  const { calls, of, settings, scraped, ports } = await started()
  t.deepEqual(
    calls.map(([path]) => path),
    ['parts.openServers', 'parts.serveMetrics', 'parts.startService', 'parts.greet'],
  )
  const [options] = of('parts.openServers')[0] as [{ settings: Settings; log: unknown; onServerExit: () => void }]
  t.is(options.settings, settings)
  t.is(options.log, ports.log)
  t.deepEqual(of('parts.serveMetrics'), [[scraped, { host: '::1', port: 9_464 }]])
  const [[resolved, log] = []] = of('parts.startService')
  t.deepEqual([resolved, log === ports.log], [{ ...settings, ...servers, role: 'all' }, true])
  t.deepEqual(of('parts.greet'), [
    [{ settings, url: 'http://service', metricsUrl: 'http://metrics', generatedToken: null }],
  ])
  options.onServerExit()
  t.deepEqual(of('stop'), [[1]], 'an embedded server that ends stops the process')
})

test('the greeting shows the token only if it was generated', async t => {
  t.like((await started({ adminToken: null })).of('parts.greet')[0]?.[0], { generatedToken: 'dba_generated' })
})

test('/metrics is not served without a port, or where metrics are exported otherwise', async t => {
  for (const program of [await started({ metricsPort: null }), await started({}, { scrape: false })]) {
    t.deepEqual(program.of('parts.serveMetrics'), [])
    t.like(program.of('parts.greet')[0]?.[0], { metricsUrl: null })
  }
})

const roles: [role: Settings['role'], workers: number, served: Settings['role']][] = [
  ['all', 1, 'all'],
  ['all', 2, 'api'],
  ['api', 1, 'api'],
  ['worker', 1, 'worker'],
  ['worker', 2, 'worker'],
]
for (const [role, workers, served] of roles)
  test(`a process of role ${role} with ${workers} worker(s) has the role ${served} itself`, async t => {
    const { of, settings, ports } = await started({ role, workers })
    t.like(of('parts.startService')[0]?.[0], { role: served })
    const [[resolved, url, log] = []] = of('parts.startWorkerProcesses')
    if (workers === 1) t.is(resolved, undefined)
    else t.deepEqual([resolved, url, log === ports.log], [{ ...settings, ...servers }, 'http://service', true])
  })

test('a stop ends workers, service and /metrics in this order, then exports the last spans and lines, and ends the servers last', async t => {
  const { running, steps, lines } = await started({ workers: 2 })
  await running.disposeAsync()
  t.deepEqual(steps, ['workers stops', 'service stops', 'metrics stops', 'telemetry is exported', 'servers stop'])
  t.deepEqual(lines, [])
})

test('a part that cannot be stopped is logged, and all others are stopped', async t => {
  for (const stuck of ['workers', 'service', 'metrics']) {
    const { running, steps, lines } = await started({ workers: 2 }, { stuck })
    await running.disposeAsync()
    t.is(steps.length, 5)
    t.like(lines[0]?.[1], { err: { message: `${stuck} is stuck` } })
  }
})
