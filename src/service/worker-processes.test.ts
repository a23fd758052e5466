import test from 'ava'
import { aServiceSettings } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import type { Log } from '../../observability/log.ts'
import type { ProcessesOptions } from './processes.ts'
import type { ServiceSettings } from './settings.ts'
import { startWorkerProcesses } from './worker-processes.ts'

const started = (change: Partial<ServiceSettings>) => {
  const asked: ProcessesOptions[] = []
  const { ports, lines } = fakePorts<{ log: Log }>()
  const processes = { pids: () => [], stop: async () => undefined }
  const start = (options: ProcessesOptions) => (asked.push(options), processes)
  const result = startWorkerProcesses(aServiceSettings(change), 'http://here:3000', ports.log, start)
  return { options: asked[0] as ProcessesOptions, lines, isTheirs: result === processes }
}

test('worker processes have the servers, token and key of this one, and the issuer that it has', t => {
  const { options, isTheirs } = started({ workers: 3, metricsPort: 9_464 })
  t.true(isTheirs)
  t.deepEqual(options.environmentOf(0), {
    DOORBELL_ROLE: 'worker',
    DOORBELL_WORKERS: '1',
    PORT: '0',
    NATS_URL: 'nats://nats.test',
    DOORBELL_NATS_MONITOR_URL: 'http://nats-1.test,http://nats-2.test',
    MONGODB_URL: 'mongodb://mongodb.test',
    DOORBELL_ADMIN_TOKEN: 'operator-token-of-the-tests',
    DOORBELL_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    PUBLIC_URL: 'http://here:3000',
    DOORBELL_METRICS_PORT: '9465',
  })
  t.is(started({ publicUrl: 'https://doorbell.test' }).options.environmentOf(0)['PUBLIC_URL'], 'https://doorbell.test')
})

test('each worker process serves metrics on the port after the previous one’s, on any free port, or not at all', t => {
  const ports = (metricsPort: number | null) =>
    [0, 1, 2].map(number => started({ metricsPort }).options.environmentOf(number)['DOORBELL_METRICS_PORT'])
  t.deepEqual(
    [ports(9_464), ports(0), ports(null)],
    [
      ['9465', '9466', '9467'],
      ['0', '0', '0'],
      ['', '', ''],
    ],
  )
})

test('beside an API process as many workers run as the setting says, and beside a worker one less', t => {
  t.deepEqual(
    (['all', 'api', 'worker'] as const).map(role => started({ role, workers: 4 }).options.count),
    [4, 3, 3],
  )
})

test('a worker process that ended is logged with how and why it ended, how often, and when it is restarted', t => {
  const { options, lines } = started({ workers: 2 })
  const end = { how: 'exit code 1', cause: 'conflict: Port 9465 is in use.', times: 2, againInMs: 200 }
  options.onExit(end)
  const remedy = 'fix its cause; other workers take over its partitions until it is back'
  t.deepEqual(lines, [['error', { ...end, remedy }, 'a worker process ended and is restarted']])
})
