import type { DeliveryKind } from '../../src/domain/delivery.ts'
import type { Subscription } from '../../src/domain/subscription.ts'

export interface HeaderParts {
  readonly subscription: Subscription
  /** The customer's own headers, and the credentials for the endpoint. */
  readonly extra: Readonly<Record<string, string>>
  readonly eventId: string
  readonly number: number
  readonly kind?: DeliveryKind | 'verification'
  readonly timestampS: number
  readonly jws: string
  readonly signature: string
  readonly traceparent: string
  readonly userAgent: string
}

/** The headers of one attempt (docs/receivers.md). The customer's headers come first, so they never replace Doorbell's. */
export const attemptHeaders = (parts: HeaderParts): Record<string, string> => {
  const headers: Record<string, string> = {
    ...parts.extra,
    'content-type': 'application/json',
    'user-agent': parts.userAgent,
    'webhook-id': parts.eventId,
    'webhook-timestamp': String(parts.timestampS),
    'webhook-signature': parts.signature,
    'webhook-jws': parts.jws,
    'webhook-attempt': String(parts.number),
  }
  if (parts.kind !== undefined) headers[`webhook-${parts.kind}`] = 'true'
  if (parts.subscription.propagateTrace) headers['traceparent'] = parts.traceparent
  return headers
}
