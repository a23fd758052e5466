import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aServiceSettings } from '../../test/support/fake-parts.ts'
import { Failure } from '../domain/failure.ts'
import { createSealer } from '../signing/sealer.ts'
import { openKeyRing } from './key-ring.ts'
import type { Parts } from './parts.ts'
import { createPatience } from './patience.ts'
import { retentionOf } from './settings.ts'
import { ackWaitMs, leaseMs, partitionWindow } from './stream-limits.ts'

test('work waits while NATS or MongoDB is away or cannot keep what is promised, with a line that says so, and for nothing else', t => {
  const { ports, lines } = fakePorts<Pick<Parts, 'log'>>()
  const { passes, onWait } = createPatience(ports.log)
  const passing = ['ledger_unavailable', 'streams_unavailable', 'promise_broken', 'stream_full', 'internal'] as const
  t.deepEqual(
    passing.map(code => passes(new Failure(code, ''))),
    [true, true, true, false, false],
  )
  t.false(passes(new Error('a defect')))
  const away = new Error('away')
  onWait(away, 200)
  const remedy = 'see the error; the work waits and uses up no attempt'
  t.deepEqual(lines, [['warn', { err: away, delayMs: 200, remedy }, 'waiting for a server']])
})

test('tenants without settings of their own have the retention of the operator’s settings', t => {
  const settings = aServiceSettings({ payloadRetentionDays: 3, logRetentionDays: 11 })
  t.deepEqual(retentionOf(settings), { payloadDays: 3, logDays: 11 })
})

test('the signing keys have the issuer and the algorithm of the settings, and are encrypted with the key of this process', async t => {
  const stored: { alg: string; createdAt: number; sealedPrivateJwk: string }[] = []
  const { ports } = fakePorts<Pick<Parts, 'ledger'>>({
    'ledger.keys.load': async () => [...stored],
    'ledger.keys.insertFirst': async (key: (typeof stored)[number]) => (stored.push(key), [...stored]),
  })
  const sealer = createSealer(new Uint8Array(32).fill(1))
  const before = Date.now()
  const keyRing = await openKeyRing({ ledger: ports.ledger, sealer }, { signingAlg: 'Ed25519' }, 'https://issuer.test')
  t.deepEqual(
    keyRing.keys().map(({ alg, use }) => [alg, use]),
    [
      ['Ed25519', 'current'],
      ['Ed25519', 'next'],
    ],
  )
  t.true(stored.every(({ createdAt }) => createdAt >= before && createdAt <= Date.now()))
  const jws = await keyRing.sign({ eventId: 'evt-1', subscriptionId: 'sub_1', attempt: 1, body: '{}', at: 0 })
  t.like(JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()), { iss: 'https://issuer.test' })

  const other = createSealer(new Uint8Array(32).fill(2))
  const refused = openKeyRing({ ledger: ports.ledger, sealer: other }, { signingAlg: 'Ed25519' }, 'https://issuer.test')
  const error = await t.throwsAsync(refused, { instanceOf: Failure, code: 'invalid_settings' })
  t.regex(error.message, /DOORBELL_ENCRYPTION_KEY/)
  t.true(error.cause instanceof Error)
  const away = fakePorts<Pick<Parts, 'ledger'>>({ 'ledger.keys.load': () => Promise.reject(new Error('away')) })
  await t.throwsAsync(openKeyRing({ ledger: away.ports.ledger, sealer }, { signingAlg: 'Ed25519' }, ''), {
    message: 'away',
  })
})

test('a message waits for its acknowledgement longer than the longest attempt takes, and a dead worker keeps its partitions for 6 s', t => {
  t.deepEqual([ackWaitMs, leaseMs, partitionWindow], [60_000, 6_000, 512])
})
