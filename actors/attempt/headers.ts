import type { DeliveryKind } from '../../src/domain/delivery.ts'
import type { Subscription } from '../../src/domain/subscription.ts'

export interface HeaderParts {
  readonly subscription: Subscription
  readonly eventId: string
  readonly number: number
  readonly kind?: DeliveryKind
  readonly timestampS: number
  readonly jws: string
  readonly signature: string
  readonly traceparent: string
  readonly userAgent: string
}

/** The headers of one attempt (contract.md, "What a receiver gets"). The customer's own come first, so they never replace ours. */
export const attemptHeaders = (parts: HeaderParts): Record<string, string> => {
  const headers: Record<string, string> = {
    ...parts.subscription.headers,
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
