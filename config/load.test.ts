import test from 'ava'
import { Failure } from '../src/domain/failure.ts'
import { loadSettings } from './load.ts'
import { allSettings } from './settings.ts'

const key = Buffer.alloc(32, 1).toString('base64')
const faultsOf = (environment: Record<string, string>) => {
  try {
    loadSettings(environment)
    return []
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid_settings') return error.faults
    throw error
  }
}

test('an empty environment gives the defaults', t => {
  t.like(loadSettings({}), {
    port: 3000,
    host: '127.0.0.1',
    role: 'all',
    sync: 'always',
    partitions: 16,
    egressHttp: false,
    natsUrl: null,
  })
})

for (const [name, value] of [
  ['PORT', 'eighty'],
  ['PORT', '70000'],
  ['PUBLIC_URL', 'doorbell.example'],
  ['NATS_URL', 'http://127.0.0.1:4222'],
  ['MONGODB_URL', '127.0.0.1:27017'],
  ['DOORBELL_ROLE', 'both'],
  ['DOORBELL_WORKERS', '33'],
  ['DOORBELL_EGRESS_ALLOW', '127.0.0.1'],
  ['DOORBELL_EGRESS_HTTP', 'yes'],
  ['DOORBELL_SYNC', 'never'],
  ['DOORBELL_PARTITIONS', '0'],
  ['DOORBELL_PARTITIONS', '257'],
  ['DOORBELL_LOG_LEVEL', 'loud'],
] as const) {
  test(`${name}=${value} is refused with the setting and its value`, t => {
    const [fault] = faultsOf({ [name]: value })
    t.is(fault?.pointer, name)
    t.true(fault?.detail.includes(`"${value}"`))
  })
}

test('a secret setting is refused without showing it', t => {
  const [fault] = faultsOf({ DOORBELL_ENCRYPTION_KEY: 'c2hvcnQ=' })
  t.is(fault?.pointer, 'DOORBELL_ENCRYPTION_KEY')
  t.false(fault?.detail.includes('c2hvcnQ='))
})

test('a URL is refused without showing its password', t => {
  const [fault] = faultsOf({ NATS_URL: 'http://door:secr@et@127.0.0.1:4222' })
  t.true(fault?.detail.startsWith('"http://***@127.0.0.1:4222"'))
})

test('a setting that is set to nothing has its default', t => {
  const empty = Object.fromEntries(allSettings.map(({ name }) => [name, '']))
  t.deepEqual(loadSettings(empty), loadSettings({}))
})

test('every fault is named at once', t => {
  t.deepEqual(
    faultsOf({ PORT: 'x', DOORBELL_SYNC: 'y' }).map(({ pointer }) => pointer),
    ['PORT', 'DOORBELL_SYNC'],
  )
})

test('an unknown DOORBELL_ setting is refused with the nearest name', t => {
  const [fault] = faultsOf({ DOORBELL_DATADIR: '/tmp' })
  t.is(fault?.pointer, 'DOORBELL_DATADIR')
  t.true(fault?.detail.includes('DOORBELL_DATA_DIR'))
})

test('named servers require a token and a key, since every process must have the same', t => {
  const servers = { NATS_URL: 'nats://127.0.0.1:4222', MONGODB_URL: 'mongodb://127.0.0.1:27017' }
  t.deepEqual(
    faultsOf(servers).map(({ pointer }) => pointer),
    ['DOORBELL_ADMIN_TOKEN', 'DOORBELL_ENCRYPTION_KEY'],
  )
  t.deepEqual(faultsOf({ ...servers, DOORBELL_ADMIN_TOKEN: 'x'.repeat(16), DOORBELL_ENCRYPTION_KEY: key }), [])
})

test('a number of workers is refused where no worker runs', t => {
  const servers = { NATS_URL: 'nats://127.0.0.1:4222', MONGODB_URL: 'mongodb://127.0.0.1:27017' }
  const own = { DOORBELL_ADMIN_TOKEN: 'x'.repeat(16), DOORBELL_ENCRYPTION_KEY: key, DOORBELL_ROLE: 'api' }
  const [fault] = faultsOf({ ...servers, ...own, DOORBELL_WORKERS: '2' })
  t.is(fault?.pointer, 'DOORBELL_WORKERS')
  t.deepEqual(faultsOf({ ...servers, ...own, DOORBELL_WORKERS: '1' }), [])
})

test('a metrics port is refused if a process cannot have its own', t => {
  for (const environment of [
    { PORT: '9464', DOORBELL_METRICS_PORT: '9464' },
    { PORT: '9466', DOORBELL_METRICS_PORT: '9464', DOORBELL_WORKERS: '2' },
    { DOORBELL_METRICS_PORT: '65535', DOORBELL_WORKERS: '2' },
  ]) {
    const [fault] = faultsOf(environment)
    t.is(fault?.pointer, 'DOORBELL_METRICS_PORT')
    t.true(fault?.detail.includes(`"${environment.DOORBELL_METRICS_PORT}"`))
  }
  for (const environment of [
    { PORT: '0', DOORBELL_METRICS_PORT: '0', DOORBELL_WORKERS: '2' },
    { PORT: '9467', DOORBELL_METRICS_PORT: '9464', DOORBELL_WORKERS: '2' },
    { DOORBELL_METRICS_PORT: '65535' },
  ])
    t.deepEqual(faultsOf(environment), [])
})
