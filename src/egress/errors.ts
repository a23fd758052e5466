import type { AttemptError } from '../domain/delivery.ts'
import type { Unanswered } from '../domain/outcome.ts'

const byCode: Readonly<Record<string, AttemptError>> = {
  REFUSED_ADDRESS: 'refused_address',
  UNRESOLVED: 'dns',
  ENOTFOUND: 'dns',
  // The resolver did not answer.
  RESOLVER_AWAY: 'own_fault',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  EPROTO: 'tls',
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
  // This process has run out of sockets or files.
  EMFILE: 'own_fault',
  ENFILE: 'own_fault',
  EADDRNOTAVAIL: 'own_fault',
  ENOBUFS: 'own_fault',
}

/** The outcome of a request without an answer. A `reason` means that Doorbell itself ended the request. */
export const unanswered = (
  error: unknown,
  reason: 'timeout' | 'connect_timeout' | 'ended' | null,
  tookMs: number,
): Unanswered => ({ type: 'unanswered', error: reason === 'ended' ? 'own_fault' : (reason ?? classify(error)), tookMs })

const classify = (error: unknown): AttemptError => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    if (code === undefined) continue
    const known = byCode[code]
    if (known !== undefined) return known
    if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.startsWith('CERT_')) return 'tls'
    // An answer that is not HTTP is as useless as a closed connection.
    if (code.startsWith('HPE_') || code.startsWith('UND_ERR')) return 'reset'
  }
  return 'reset'
}
