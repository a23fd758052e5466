import { getCACertificates } from 'node:tls'
import test from 'ava'
import { poolOptions, connectOptions, defaultConnectTimeoutMs } from './http-options.ts'

test('each attempt has a socket to itself with HTTP/1.1, which is kept for 20 s to a minute', t => {
  t.like(poolOptions, { connections: null, pipelining: 1, allowH2: false })
  t.like(poolOptions, { keepAliveTimeout: 20_000, keepAliveMaxTimeout: 60_000 })
})

test('an attempt’s own timeout is the only one, and the head of an answer is limited to 16 KiB', t => {
  t.like(poolOptions, { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 16_384 })
})

test('a connection may take three seconds, and a name’s third address still has its time when the first two are dead', t => {
  const { timeout, autoSelectFamily, autoSelectFamilyAttemptTimeout } = connectOptions(defaultConnectTimeoutMs, null)
  t.deepEqual([timeout, autoSelectFamily, autoSelectFamilyAttemptTimeout], [3_000, true, 1_000])
  t.true(3 * connectOptions(1_000, null).autoSelectFamilyAttemptTimeout >= 1_000)
})

test('connections use TLS 1.2 or later and HTTP/1.1, resume sessions, and trust private authorities beside the public ones', t => {
  t.like(connectOptions(1, null), { minVersion: 'TLSv1.2', allowH2: false, maxCachedSessions: 100 })
  t.false('ca' in connectOptions(1, null))
  t.deepEqual((connectOptions(1, 'PEM') as { ca?: unknown }).ca, [...getCACertificates('default'), 'PEM'])
})
