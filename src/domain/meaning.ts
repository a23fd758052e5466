import { classOf, type Outcome, type OutcomeClass } from './outcome.ts'

/** The consequences of an outcome: one row of the table below. */
export interface Meaning {
  /** `delivered` ends the delivery, `retry` follows the policy, `own_fault` does not count as an attempt. */
  readonly verdict: 'delivered' | 'retry' | 'own_fault'
  /** What the circuit counts. `silence` is a failure without an answer: five in a row open the circuit. */
  readonly circuit: 'success' | 'failure' | 'silence' | 'ignored'
  /** How the limit of concurrent attempts changes. */
  readonly inFlight: 'grow' | 'shrink' | 'keep'
  /** For end users: what happened and what to check. */
  readonly words: string
}

/**
 * What each class of outcomes means: whether it is retried, what the circuit counts, what the customer reads. Only 2xx is success. Everything
 * else is retried, since the customer may fix the endpoint between two attempts; a second 410 disables the subscription, and a second 302 or 303
 * with the same target ends the delivery.
 */
export const meanings: Readonly<Record<OutcomeClass, Meaning>> = {
  delivered: {
    verdict: 'delivered',
    circuit: 'success',
    inFlight: 'grow',
    words: 'The endpoint accepted the delivery.',
  },
  redirect: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words:
      'The endpoint answered with a redirect, which Doorbell never follows. Set the subscription’s url to the final address.',
  },
  // 302, 303: what a page answers after it has processed a form, and what a login answers.
  see_other: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words:
      'The endpoint answered with a redirect (302 or 303), which Doorbell never follows. It has usually processed the event, or it wants a login; trying again changes neither, so a second such answer ends the delivery. Let the endpoint answer 2xx, or put a relay that does in front of it.',
  },
  // 400, 413, 415, 422: the endpoint works, and refuses this event.
  rejected: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'keep',
    words:
      'The endpoint refused this event. Its answer should say why. Once the endpoint is fixed, the next attempt succeeds.',
  },
  denied: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words:
      'The endpoint refused the request. Check the path of the url, and the credentials that the endpoint expects.',
  },
  gone: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint says that it is gone (410). A second such answer in a row disables the subscription.',
  },
  throttled: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'shrink',
    words:
      'The endpoint asked for fewer requests (429). Doorbell slows down. If this continues, set a rate limit for the subscription.',
  },
  // 408, 425
  unready: {
    verdict: 'retry',
    circuit: 'ignored',
    inFlight: 'shrink',
    words: 'The endpoint was not ready for the request. Doorbell sends it again.',
  },
  server_error: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint failed while it processed the event. Check its log at this time.',
  },
  // 502, 503, 504
  overloaded: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'shrink',
    words:
      'The endpoint, or a proxy in front of it, is overloaded or down. Check that the server behind it is running.',
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
    words:
      'No connection to the endpoint. Check that the server is running and that its firewall allows the connection.',
  },
  connect_timeout: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'shrink',
    words: 'The endpoint did not accept a connection in time, so nothing was sent. Check its firewall and its load.',
  },
  tls: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'No secure connection was possible. Check that the endpoint supports TLS 1.2 or later and serves https on this port.',
  },
  certificate_expired: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words: 'The endpoint’s certificate has expired or is not valid yet. Renew it, and check the clock of the server.',
  },
  certificate_name: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'The endpoint’s certificate is issued for another name than the one in the url. Get a certificate for this name, or use the certificate’s name in the url.',
  },
  // Self-signed, issued by a private authority, or sent without its intermediate certificates.
  certificate_untrusted: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'The endpoint’s certificate is not signed by an authority that Doorbell trusts. Send the complete chain. For a private authority, the operator sets DOORBELL_EGRESS_CA.',
  },
  http2_only: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'The endpoint accepts HTTP/2 only, and Doorbell speaks HTTP/1.1. Allow HTTP/1.1 at the endpoint or at the proxy in front of it.',
  },
  timeout: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'shrink',
    words:
      'The request was sent, but the endpoint did not answer in time. Answer 2xx at once and do the work afterwards.',
  },
  reset: {
    verdict: 'retry',
    circuit: 'failure',
    inFlight: 'keep',
    words: 'The endpoint closed the connection before it answered. Check its log for a crash at this time.',
  },
  refused_address: {
    verdict: 'retry',
    circuit: 'silence',
    inFlight: 'keep',
    words:
      'Deliveries to this address are not allowed: it is in a private or reserved range, its port belongs to another service, or the url is plain http.',
  },
  own_fault: {
    verdict: 'own_fault',
    circuit: 'ignored',
    inFlight: 'keep',
    words:
      'Doorbell could not finish this attempt because of a problem on its side. The attempt does not count and is made again.',
  },
}

export const meaningOf = (outcome: Outcome): Meaning => meanings[classOf(outcome)]
