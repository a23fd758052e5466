import { errors } from 'undici'
import type { AttemptError } from '../domain/delivery.ts'
import type { OwnFault, Unanswered } from '../domain/outcome.ts'

const byCode: Readonly<Record<string, AttemptError>> = {
  REFUSED_ADDRESS: 'refused_address',
  UNRESOLVED: 'dns',
  ENOTFOUND: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  EPROTO: 'tls',
  // The only protocol that the server offers to speak (ALPN, RFC 7301 §3.2) is none that Doorbell speaks: HTTP/2 in practice.
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'http2_only',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'http2_only',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_untrusted',
  INVALID_CA: 'certificate_untrusted',
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_name',
  // Doorbell closed the client.
  UND_ERR_CLOSED: 'own_fault',
  UND_ERR_DESTROYED: 'own_fault',
}

const ownFaults: ReadonlySet<string> = new Set<OwnFault>([
  'RESOLVER_AWAY',
  'NO_SLOT',
  // This process, or this machine, has run out of descriptors, ports or memory for sockets.
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'ENOBUFS',
])
const isOwnFault = (code: string): code is OwnFault => ownFaults.has(code)

type Class = Pick<Unanswered, 'error' | 'fault'>

/** The outcome of a request without an answer. A `reason` means that Doorbell itself ended the request. */
export const unanswered = (
  error: unknown,
  reason: 'timeout' | 'connect_timeout' | 'ended' | null,
  tookMs: number,
): Unanswered => {
  if (reason !== null) return { type: 'unanswered', error: reason === 'ended' ? 'own_fault' : reason, tookMs }
  return { type: 'unanswered', ...classify(error), tookMs }
}

const classify = (error: unknown): Class => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof AggregateError && at.errors.length > 0) return classOfAddresses(at.errors)
    if (at instanceof errors.HTTPParserError)
      return { error: isHttp2((at as { data?: unknown }).data) ? 'http2_only' : 'reset' }
    const { code } = at as NodeJS.ErrnoException
    if (code === undefined) continue
    if (isOwnFault(code)) return { error: 'own_fault', fault: code }
    const known = byCode[code]
    if (known !== undefined) return { error: known }
    if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.startsWith('CERT_')) return { error: 'tls' }
    // An answer that is not HTTP is as useless as a closed connection.
    if (code.startsWith('HPE_') || code.startsWith('UND_ERR')) return { error: 'reset' }
  }
  return { error: 'reset' }
}

/** Whether an answer begins with the SETTINGS frame of HTTP/2 (RFC 9113 §3.4): its type is 4, and its stream 0. */
const isHttp2 = (data: unknown): boolean => {
  const frame = Buffer.from(String(data))
  return frame.length >= 9 && frame[3] === 4 && frame.readUInt32BE(5) === 0
}

/** Each address of the name has failed in its own way. A machine without IPv6 says nothing about the endpoint that refused its IPv4 connection. */
const classOfAddresses = (failures: readonly unknown[]): Class => {
  const classes = failures.map(classify)
  return classes.find(({ error }) => error !== 'own_fault') ?? classes[0] ?? { error: 'reset' }
}
