import type { Attempt, DeliveryKind } from '../../src/domain/delivery.ts'
import { endpointUrl } from '../../src/domain/endpoint-url.ts'
import { meaningOf } from '../../src/domain/meaning.ts'
import type { Answered, Outcome } from '../../src/domain/outcome.ts'
import { secretsAt, type Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { attemptHeaders } from './headers.ts'
import type { AttemptOrder, AttemptResult } from './protocol.ts'

/** What an attempt needs from outside. */
export interface AttemptPorts {
  /** The detached JWS for this attempt: `protected..signature` (RFC 7515 appendix F). */
  readonly sign: (claims: {
    eventId: string
    subscriptionId: string
    attempt: number
    body: string
    at: EpochMs
    kind?: DeliveryKind
  }) => Promise<string>
  /** The `v1,…` signatures of Standard Webhooks, one for each secret. */
  readonly standardSignature: (
    sealed: readonly string[],
    id: string,
    timestampS: number,
    body: string,
  ) => Promise<string>
  /** The customer's own headers, decrypted. */
  readonly extraHeaders: (subscription: Subscription) => Promise<Readonly<Record<string, string>>>
  readonly post: (request: {
    tenant: string
    url: string
    headers: Record<string, string>
    body: string
    timeoutMs: number
    signal: AbortSignal
  }) => Promise<Outcome>
  /** Called when a key or secret cannot be used, which needs an operator. */
  readonly onSigningFault: (error: unknown) => void
  /** The trace this attempt is part of, for the row and the log. */
  readonly trace: () => { readonly traceId: string; readonly spanId: string; readonly traceparent: string }
  readonly now: () => EpochMs
  readonly userAgent: string
  /** Aborted when the process must end. An attempt that is under way then does not count. */
  readonly ending: AbortSignal
}

/** Makes one signed POST and returns its outcome. Each attempt is signed again, with the keys and the URL of that moment. */
export const createAttempt =
  (ports: AttemptPorts) =>
  async (order: AttemptOrder): Promise<AttemptResult> => {
    const { subscription, number } = order
    const at = ports.now()
    const trace = ports.trace()
    const outcome = await postSigned(ports, order, at, trace.traceparent)
    const { verdict, words } = meaningOf(outcome)
    const attempt: Attempt = {
      number,
      at,
      tookMs: Math.round(outcome.tookMs),
      ...(outcome.type === 'answered'
        ? { status: outcome.status, response: outcome.response, ...locationOf(outcome) }
        : { error: outcome.error }),
      ...(verdict === 'delivered' ? {} : { detail: words }),
      url: endpointUrl(subscription.url)?.shown ?? '(not a url)',
      traceId: trace.traceId,
      spanId: trace.spanId,
    }
    return { attempt, outcome }
  }

const locationOf = ({ location }: Answered) => (location === undefined ? {} : { location })

const postSigned = async (
  ports: AttemptPorts,
  { delivery, subscription, number }: AttemptOrder,
  at: EpochMs,
  traceparent: string,
): Promise<Outcome> => {
  const body = delivery.body ?? ''
  const { eventId, kind } = delivery
  const marked = kind === undefined ? {} : { kind }
  const timestampS = Math.floor(at / 1_000)
  let jws, signature, extra
  try {
    ;[jws, signature, extra] = await Promise.all([
      ports.sign({ eventId, subscriptionId: subscription.id, attempt: number, body, at, ...marked }),
      ports.standardSignature(secretsAt(subscription, at), eventId, timestampS, body),
      ports.extraHeaders(subscription),
    ])
  } catch (error) {
    ports.onSigningFault(error)
    return { type: 'unanswered', error: 'own_fault', tookMs: ports.now() - at }
  }
  const headers = attemptHeaders({
    subscription,
    extra,
    eventId,
    number,
    ...marked,
    timestampS,
    jws,
    signature,
    traceparent,
    userAgent: ports.userAgent,
  })
  const { tenant, url, timeoutMs } = subscription
  return ports.post({ tenant, url, headers, body, timeoutMs, signal: ports.ending })
}
