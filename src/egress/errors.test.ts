import test from 'ava'
import type { AttemptError } from '../domain/delivery.ts'
import type { OwnFault } from '../domain/outcome.ts'
import { unanswered } from './errors.ts'

/** The codes of Node, OpenSSL, undici and the guard, by what they mean. */
const codes: Readonly<Record<AttemptError, readonly string[]>> = {
  refused_address: ['REFUSED_ADDRESS'],
  dns: ['UNRESOLVED', 'ENOTFOUND'],
  connect: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'],
  connect_timeout: ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'],
  reset: ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT', 'UND_ERR_HEADERS_OVERFLOW', 'EOTHER'],
  tls: ['EPROTO', 'ERR_TLS_INVALID_PROTOCOL_VERSION', 'ERR_SSL_WRONG_VERSION_NUMBER', 'CERT_SIGNATURE_FAILURE'],
  http2_only: ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'ERR_SSL_NO_APPLICATION_PROTOCOL'],
  certificate_untrusted: [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'INVALID_CA',
  ],
  certificate_expired: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  certificate_name: ['ERR_TLS_CERT_ALTNAME_INVALID'],
  own_fault: [
    'RESOLVER_AWAY',
    'NO_SLOT',
    'EMFILE',
    'ENFILE',
    'EADDRNOTAVAIL',
    'ENOBUFS',
    'UND_ERR_CLOSED',
    'UND_ERR_DESTROYED',
  ],
  timeout: [],
}
const failed = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code })

test('each error code means one kind of failure', t => {
  for (const [error, all] of Object.entries(codes))
    for (const code of all)
      t.deepEqual(
        unanswered(failed(code), null, 7),
        { type: 'unanswered', error: error as AttemptError, ...faultOf(code), tookMs: 7 },
        code,
      )
})

/** What Doorbell lacked; the end of a request that Doorbell closed lacks nothing. */
const faultOf = (code: string) =>
  codes.own_fault.includes(code) && !code.startsWith('UND_ERR') ? { fault: code as OwnFault } : {}

test('of several addresses, one that failed through the endpoint counts more than those that this machine cannot reach', t => {
  const all = (...errors: string[]) => new AggregateError(errors.map(code => failed(code)))
  t.is(unanswered(all('EADDRNOTAVAIL', 'ECONNREFUSED'), null, 0).error, 'connect')
  t.is(unanswered(failed('UND_ERR_OTHER', all('EADDRNOTAVAIL', 'ETIMEDOUT')), null, 0).error, 'reset')
  t.is(unanswered(new Error('outer', { cause: all('ENETUNREACH', 'ETIMEDOUT') }), null, 0).error, 'connect')
  t.like(unanswered(all('EMFILE', 'EMFILE'), null, 0), { error: 'own_fault', fault: 'EMFILE' })
  t.is(unanswered(all(), null, 0).error, 'reset')
})

test('the first known code of a chain of causes counts', t => {
  const inner = failed('ECONNREFUSED')
  t.is(unanswered(new Error('outer', { cause: new Error('middle', { cause: inner }) }), null, 0).error, 'connect')
  t.is(unanswered(failed('EOTHER', inner), null, 0).error, 'connect')
  t.is(unanswered(failed('ENOTFOUND', inner), null, 0).error, 'dns')
  t.is(unanswered(failed('ERR_SSL_OTHER', inner), null, 0).error, 'tls')
  for (const code of ['UND_ERR_OTHER', 'HPE_OTHER']) t.is(unanswered(failed(code, inner), null, 0).error, 'reset')
})

test('what has no known code is a closed connection', t => {
  for (const error of [new Error('x'), 'text', undefined, null]) t.is(unanswered(error, null, 0).error, 'reset')
})

test('a request that Doorbell ended is a timeout or our own fault, whatever error it ended with', t => {
  const error = failed('ECONNREFUSED')
  t.is(unanswered(error, 'ended', 0).error, 'own_fault')
  t.is(unanswered(error, 'timeout', 0).error, 'timeout')
  t.is(unanswered(error, 'connect_timeout', 0).error, 'connect_timeout')
})
