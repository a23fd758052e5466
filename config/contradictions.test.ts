import test from 'ava'
import { Failure } from '../src/domain/failure.ts'
import { loadSettings } from './load.ts'

const faultsOf = (environment: Record<string, string>): string[] => {
  try {
    loadSettings(environment)
    return []
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`)
  }
}
const [NATS_URL, MONGODB_URL] = ['nats://127.0.0.1:4222', 'mongodb://127.0.0.1:27017']
const DOORBELL_ADMIN_TOKEN = 'x'.repeat(16)
const DOORBELL_ENCRYPTION_KEY = Buffer.alloc(32, 1).toString('base64')
const servers = { NATS_URL, MONGODB_URL, DOORBELL_ADMIN_TOKEN, DOORBELL_ENCRYPTION_KEY }

test('a process with one role has servers that the other processes share', t => {
  for (const role of ['api', 'worker']) {
    const DOORBELL_ROLE = role
    const fault = `DOORBELL_ROLE: "${role}" shares its servers with other processes: set NATS_URL and MONGODB_URL`
    t.deepEqual(faultsOf({ DOORBELL_ROLE }), [fault])
    t.deepEqual(faultsOf({ DOORBELL_ROLE, NATS_URL }), [fault])
    t.deepEqual(faultsOf({ DOORBELL_ROLE, MONGODB_URL }), [fault])
    t.deepEqual(faultsOf({ DOORBELL_ROLE, ...servers }), [])
  }
  t.deepEqual(faultsOf({ DOORBELL_ROLE: 'all', NATS_URL }), [])
})

test('a number of workers is refused where no worker runs', t => {
  const fault = 'DOORBELL_WORKERS: "2" conflicts with DOORBELL_ROLE=api, which runs no worker: leave it out'
  t.deepEqual(faultsOf({ ...servers, DOORBELL_ROLE: 'api', DOORBELL_WORKERS: '2' }), [fault])
  t.deepEqual(faultsOf({ ...servers, DOORBELL_ROLE: 'api', DOORBELL_WORKERS: '1' }), [])
  t.deepEqual(faultsOf({ ...servers, DOORBELL_ROLE: 'worker', DOORBELL_WORKERS: '2' }), [])
  t.deepEqual(faultsOf({ DOORBELL_WORKERS: '2' }), [])
})

test('named servers require a token and a key, since every process must have the same', t => {
  const why =
    'is required with NATS_URL and MONGODB_URL, since every process must have the same: e.g. from `openssl rand'
  const [token, key] = [`DOORBELL_ADMIN_TOKEN: ${why} -hex 24\``, `DOORBELL_ENCRYPTION_KEY: ${why} -base64 32\``]
  t.deepEqual(faultsOf({ NATS_URL, MONGODB_URL }), [token, key])
  t.deepEqual(faultsOf({ NATS_URL, MONGODB_URL, DOORBELL_ENCRYPTION_KEY }), [token])
  t.deepEqual(faultsOf({ NATS_URL, MONGODB_URL, DOORBELL_ADMIN_TOKEN }), [key])
  t.deepEqual(faultsOf(servers), [])
  // With an embedded server, both are generated in its data folder.
  t.deepEqual(faultsOf({ NATS_URL }), [])
})

test('the log is kept at least as long as the payload', t => {
  const days = (log: number, payload: number) =>
    faultsOf({ DOORBELL_LOG_RETENTION_DAYS: `${log}`, DOORBELL_PAYLOAD_RETENTION_DAYS: `${payload}` })
  t.deepEqual(days(6, 7), ['DOORBELL_LOG_RETENTION_DAYS: "6" is shorter than the payload is kept (7 days): raise it'])
  t.deepEqual(days(7, 7), [])
})

test('a metrics port is refused if a process cannot have its own', t => {
  const port = (more: Record<string, string>) =>
    faultsOf({ ...servers, ...more }).map(fault => fault.replace('DOORBELL_METRICS_PORT: ', ''))
  const all = { DOORBELL_WORKERS: '2' }
  const worker = { DOORBELL_ROLE: 'worker', ...all }
  for (const [environment, ...faults] of [
    [{ PORT: '9464', DOORBELL_METRICS_PORT: '9464' }, '"9464" conflicts with PORT=9464: choose another'],
    [{ PORT: '9463', DOORBELL_METRICS_PORT: '9464' }],
    [{ PORT: '9465', DOORBELL_METRICS_PORT: '9464' }],
    // The API and two workers: 9464 to 9466.
    [
      { PORT: '9466', DOORBELL_METRICS_PORT: '9464', ...all },
      '"9464" with the workers’ ports, up to 9466, conflicts with PORT=9466: choose another',
    ],
    [{ PORT: '9467', DOORBELL_METRICS_PORT: '9464', ...all }],
    // Two workers: 9464 and 9465.
    [
      { PORT: '9465', DOORBELL_METRICS_PORT: '9464', ...worker },
      '"9464" with the workers’ ports, up to 9465, conflicts with PORT=9465: choose another',
    ],
    [{ PORT: '9466', DOORBELL_METRICS_PORT: '9464', ...worker }],
    [{ PORT: '9464', DOORBELL_METRICS_PORT: '9464', DOORBELL_METRICS_HOST: '10.0.0.1' }],
    [
      { DOORBELL_METRICS_PORT: '65534', ...all },
      '"65534" with the workers’ ports, up to 65536, exceeds the last port, 65535: choose a lower one',
    ],
    [{ DOORBELL_METRICS_PORT: '65533', ...all }],
    [{ DOORBELL_METRICS_PORT: '65535' }],
    // A free one for each.
    [{ PORT: '0', DOORBELL_METRICS_PORT: '0', ...all }],
  ] as const)
    t.deepEqual(port(environment), [...faults], JSON.stringify(environment))
})
