import { mock } from 'node:test'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { publishAheadMs } from '../domain/signing-key.ts'
import { dayMs } from '../domain/time.ts'
import { keepKeys, type KeyRotationParts } from './key-rotation.ts'

const now = 1_800_000_000_000
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
test.serial.beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
test.serial.afterEach.always(() => mock.timers.reset())

interface Keys {
  readonly since?: number
  readonly nextAt?: number | null
  readonly days?: number
}
/** Keeps keys of which the current one signs since, and the next one was created at, these times. */
const kept = ({ since = now - 90 * dayMs, nextAt = 0, days = 90 }: Keys = {}, answers = {}) => {
  const current = { kid: 'kid-1', use: 'current', createdAt: since, currentSince: since }
  const next = { kid: 'kid-2', use: 'next', createdAt: nextAt }
  const fake = fakePorts<KeyRotationParts>({
    'keyRing.keys': () => (nextAt === null ? [current] : [next, current]),
    'keyRing.currentSince': () => since,
    ...answers,
  })
  const keeping = keepKeys({ keyRing: fake.ports.keyRing, log: fake.ports.log, now: () => now }, days)
  const done = () => fake.calls.map(([path]) => path.slice('keyRing.'.length)).filter(path => /^(re|fo|ro)/.test(path))
  return { ...fake, ...keeping, done }
}

test.serial('every 10 s the keys of other processes are read, and those that retired long ago are dropped', async t => {
  const { done, inOrder } = kept({ since: now })
  mock.timers.tick(9_999)
  await settled()
  t.deepEqual(done(), [])
  mock.timers.tick(1)
  await settled()
  await inOrder(async () => undefined)
  t.deepEqual(done(), ['refresh', 'forgetRetired'])
  mock.timers.tick(10_000)
  await settled()
  t.is(done().length, 4)
})

const cases: [what: string, keys: Keys, rotates: boolean][] = [
  ['is replaced as soon as it has signed for so many days', {}, true],
  ['is not replaced before', { since: now - 90 * dayMs + 1 }, false],
  ['is replaced by a next key that every receiver may know by now', { nextAt: now - publishAheadMs }, true],
  ['is not replaced by a next key that receivers may not know yet', { nextAt: now - publishAheadMs + 1 }, false],
  ['is not replaced without a next key', { nextAt: null }, false],
  ['is replaced by command only when the setting says 0', { days: 0 }, false],
]
for (const [what, keys, rotates] of cases)
  test.serial(`a signing key ${what}`, async t => {
    const { done, lines, inOrder } = kept(keys)
    mock.timers.tick(10_000)
    await settled()
    await inOrder(async () => undefined)
    t.deepEqual(done().slice(2), rotates ? ['rotate'] : [])
    const since = new Date(now - 90 * dayMs).toISOString()
    t.deepEqual(lines, rotates ? [['info', { kid: 'kid-1', since }, 'signing key rotated by schedule']] : [])
  })

test.serial('keys that cannot be read are reported, and read again 10 s later', async t => {
  const away = new Error('away')
  const { lines, done } = kept({}, { 'keyRing.refresh': () => Promise.reject(away) })
  mock.timers.tick(10_000)
  await settled()
  const remedy = 'check MongoDB; Doorbell reads the keys again in 10 s'
  t.deepEqual(lines, [['warn', { err: away, remedy }, 'signing keys could not be read']])
  mock.timers.tick(10_000)
  await settled()
  t.deepEqual(done(), ['refresh', 'refresh'])
})

test.serial('a stop waits for a look that is under way, and no other begins', async t => {
  const read = Promise.withResolvers<void>()
  const { stop, done } = kept({ since: now }, { 'keyRing.refresh': () => read.promise })
  mock.timers.tick(10_000)
  let stopped = false
  const stopping = stop().then(() => (stopped = true))
  await settled()
  t.false(stopped)
  read.resolve()
  await stopping
  t.deepEqual(done(), ['refresh', 'forgetRetired'])
  mock.timers.tick(60_000)
  await settled()
  t.is(done().length, 2)
})
