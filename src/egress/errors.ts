import type { AttemptError } from '../domain/delivery.ts'
import type { Unanswered } from '../domain/outcome.ts'

/** What the customer reads for each kind of failure, and what to look at. */
const details: Record<AttemptError, string> = {
  dns: 'The endpoint’s name could not be resolved. Check the url and the DNS records.',
  connect: 'No connection to the endpoint. Check that the server runs, and that its firewall lets us in.',
  tls: 'No secure connection: check the endpoint’s certificate (its name, its date, its chain) and that TLS 1.2 or later is on.',
  timeout: 'The endpoint did not finish its answer in time. Answer 2xx at once and do the work afterwards.',
  reset: 'The endpoint closed the connection before its answer was complete. Check its log for a crash at this time.',
  refused_address:
    'Deliveries may not go there: the address is in a private or reserved range, or the url is plain http.',
  own_fault: 'Doorbell could not finish this attempt for a reason of its own. It counts for nothing and is made again.',
}

const byCode: Readonly<Record<string, AttemptError>> = {
  REFUSED_ADDRESS: 'refused_address',
  UNRESOLVED: 'dns',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  ETIMEDOUT: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  INVALID_CA: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  // The client was closed by us.
  UND_ERR_CLOSED: 'own_fault',
  UND_ERR_DESTROYED: 'own_fault',
  // Local ends: our own sockets or files have run out.
  EMFILE: 'own_fault',
  ENFILE: 'own_fault',
  EADDRNOTAVAIL: 'own_fault',
  ENOBUFS: 'own_fault',
}

/** The outcome of a request that got no whole answer. `reason` tells that it was we who ended it. */
export const unanswered = (error: unknown, reason: 'timeout' | 'ended' | null, tookMs: number): Unanswered => {
  const kind = reason === 'ended' ? 'own_fault' : reason === 'timeout' ? 'timeout' : classify(error)
  return { type: 'unanswered', error: kind, detail: details[kind], tookMs }
}

const classify = (error: unknown): AttemptError => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    if (code === undefined) continue
    const known = byCode[code]
    if (known !== undefined) return known
    if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.startsWith('CERT_')) return 'tls'
    // An answer that is no HTTP: the connection is of no use, as if it had been closed.
    if (code.startsWith('HPE_') || code.startsWith('UND_ERR')) return 'reset'
  }
  return 'reset'
}
