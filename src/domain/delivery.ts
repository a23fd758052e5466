import type { EpochMs } from './time.ts'

/** `pending` waits for a retry, `held` for room or permission; the other three are final. */
export type DeliveryStatus = 'delivered' | 'pending' | 'held' | 'dead' | 'cancelled'

/** Why a row is held, dead or cancelled. */
export type DeliveryReason = 'over_capacity' | 'paused' | 'exhausted' | 'not_retryable' | 'subscription_deleted'

/** Why an attempt got no answer. `refused_address` is our egress guard; `own_fault` is ours and counts for nothing. */
export type AttemptError = 'dns' | 'connect' | 'tls' | 'timeout' | 'reset' | 'refused_address' | 'own_fault'

/** One POST and what came of it. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  readonly at: EpochMs
  readonly tookMs: number
  readonly status?: number
  readonly error?: AttemptError
  /** An end user's words for `error` or for a refused status. */
  readonly detail?: string
  /** At most the first 4 KiB of the answer's body, as text. */
  readonly response?: string
  /** Without credentials and query values. */
  readonly url: string
  readonly traceId: string
  readonly spanId: string
}

/** One event for one subscription: the ledger's row. `id` is `eventId.subscriptionId`. */
export interface Delivery {
  readonly id: string
  readonly tenant: string
  readonly partition: number
  readonly subscriptionId: string
  readonly eventId: string
  readonly visitId: string
  readonly type: string
  /** Sequence of the event's message in the VISITS stream. */
  readonly streamSequence: number
  readonly status: DeliveryStatus
  readonly reason?: DeliveryReason
  /** When the supervisor takes it up again; null when final, or while held with no date. */
  readonly nextAttemptAt: EpochMs | null
  readonly attempts: readonly Attempt[]
  /** The wire bytes as text, kept only while the row is pending, held or dead. */
  readonly body?: string
  /** W3C `traceparent` of the hop that first handled the event: later attempts continue or link it. */
  readonly traceparent: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

export const deliveryId = (eventId: string, subscriptionId: string): string => `${eventId}.${subscriptionId}`

export const isFinal = (status: DeliveryStatus): boolean =>
  status === 'delivered' || status === 'dead' || status === 'cancelled'
