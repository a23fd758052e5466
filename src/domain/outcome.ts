import type { AttemptError } from './delivery.ts'

/** What came of one POST, as the egress client saw it. */
export type Outcome = Answered | Unanswered

export interface Answered {
  readonly type: 'answered'
  readonly status: number
  /** At most 4 KiB, decoded as UTF-8 with replacement. */
  readonly response: string
  /** From the Retry-After header (RFC 9110 §10.2.3, seconds or HTTP-date), as a delay from now. */
  readonly retryAfterMs?: number
  readonly tookMs: number
}

export interface Unanswered {
  readonly type: 'unanswered'
  readonly error: AttemptError
  readonly tookMs: number
}

/** What an outcome means: one line of the table below. */
export interface Meaning {
  /** `delivered` ends the delivery, `retry` goes by the policy, `own_fault` counts for nothing (invariant 7). */
  readonly verdict: 'delivered' | 'retry' | 'own_fault'
  /** What the circuit counts. `silence` is a failure that nobody answered to: five in a row open it. */
  readonly circuit: 'success' | 'failure' | 'silence' | 'ignored'
  /** What it does to the number of attempts under way at once. */
  readonly inFlight: 'grow' | 'shrink' | 'keep'
  /** In an end user's words: what happened and what to look at. */
  readonly words: string
}

export type OutcomeClass =
  | 'delivered'
  | 'redirect'
  | 'rejected'
  | 'denied'
  | 'gone'
  | 'throttled'
  | 'unready'
  | 'server_error'
  | 'overloaded'
  | AttemptError

/**
 * Every outcome by its class: whether it is tried again, what the circuit counts, what the customer reads. Only 2xx is success.
 * Everything else is tried again, since the customer may mend it between two attempts; 410 disables the subscription when it comes twice.
 */
export const outcomes: Readonly<Record<OutcomeClass, Meaning>> = {
  delivered: { verdict: 'delivered', circuit: 'success', inFlight: 'grow', words: 'The endpoint took the delivery.' },
  redirect: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint answered with a redirect, which is never followed. Put its final url into the subscription.',
  },
  // 400, 413, 415, 422: about this event, from an endpoint that is well.
  rejected: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'keep',
    words:
      'The endpoint refused this event. Its answer should say why; mend the endpoint and the next attempt succeeds.',
  },
  denied: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint refused the request. Check the url’s path, and what the endpoint asks for to let us in.',
  },
  gone: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint says that it is gone (410). A second such answer disables the subscription.',
  },
  throttled: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'shrink',
    words: 'The endpoint asks for fewer requests (429). Doorbell slows down; set a rate limit if this goes on.',
  },
  // 408, 425
  unready: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'shrink',
    words: 'The endpoint was not ready for the request. It is sent again.',
  },
  server_error: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint failed while it worked on the event. Look into its log at this time.',
  },
  // 502, 503, 504
  overloaded: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'shrink',
    words: 'The endpoint, or a proxy before it, is overloaded or down. Check that the server behind it runs.',
  },
  dns: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words: 'The endpoint’s name could not be resolved. Check the url and the DNS records.',
  },
  connect: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words: 'No connection to the endpoint. Check that the server runs, and that its firewall lets us in.',
  },
  connect_timeout: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'shrink',
    words: 'The endpoint did not accept a connection in time; nothing was sent. Check its firewall and its load.',
  },
  tls: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words: 'No secure connection: check that the endpoint speaks TLS 1.2 or later, and https at this port.',
  },
  certificate_expired: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words: 'The endpoint’s certificate has expired, or is not valid yet. Renew it, and check the clock of its server.',
  },
  certificate_name: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'The endpoint’s certificate is for another name than the url’s. Have it issued for this name, or put its name into the url.',
  },
  // Self-signed, of a private authority, or without its intermediate certificates.
  certificate_untrusted: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'The endpoint’s certificate is vouched for by nobody whom Doorbell trusts. Send the whole chain; for a private authority the operator sets DOORBELL_EGRESS_CA.',
  },
  timeout: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'shrink',
    words:
      'The request was sent and the endpoint did not answer in time. Answer 2xx at once and do the work afterwards.',
  },
  reset: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint closed the connection before it had answered. Check its log for a crash at this time.',
  },
  refused_address: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'Deliveries may not go there: the address is in a private or reserved range, the port is another service’s, or the url is plain http.',
  },
  own_fault: {
    verdict: 'own_fault',
    circuit: 'ignored',
    inFlight: 'keep',
    words: 'Doorbell could not finish this attempt for a reason of its own. It counts for nothing and is made again.',
  },
}

const aboutTheEvent: ReadonlySet<number> = new Set([400, 413, 415, 422])
const overloaded: ReadonlySet<number> = new Set([502, 503, 504])

export const classOf = (outcome: Outcome): OutcomeClass => {
  if (outcome.type === 'unanswered') return outcome.error
  const { status } = outcome
  if (status >= 200 && status < 300) return 'delivered'
  if (status >= 300 && status < 400) return 'redirect'
  if (status === 410) return 'gone'
  if (status === 429) return 'throttled'
  if (status === 408 || status === 425) return 'unready'
  if (aboutTheEvent.has(status)) return 'rejected'
  if (status >= 500) return overloaded.has(status) ? 'overloaded' : 'server_error'
  return 'denied'
}

export const meaningOf = (outcome: Outcome): Meaning => outcomes[classOf(outcome)]
