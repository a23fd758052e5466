import type { EpochMs } from './time.ts'

/** `pending` waits for a retry, `held` for room or permission; the other three are final. */
export type DeliveryStatus = 'delivered' | 'pending' | 'held' | 'dead' | 'cancelled'

/** Why a row is held, pending, dead or cancelled. */
export type DeliveryReason = HoldReason | 'own_fault' | 'resent' | 'replay' | ClosingReason

/** What a held row waits for. */
export type HoldReason =
  | 'over_capacity'
  | 'rate_limited'
  | 'retry_after'
  | 'circuit_open'
  | 'paused'
  | 'disabled'
  /** An earlier event of the same visit comes first. */
  | 'waiting_turn'

export type ClosingReason =
  /** The retry policy has no further attempt. */
  | 'exhausted'
  /** Older than the subscription's `expiresAfterMs`. */
  | 'expired'
  | 'subscription_deleted'
  /** By a user, one by one. */
  | 'cancelled'
  /** By a user, when the subscription was resumed without what it missed. */
  | 'skipped'
  /** The tenant's retention ended before it could be delivered. */
  | 'content_expired'
  /** Its visitor was erased. */
  | 'erased'

/** Why a row holds neither body nor answers any more, and never will again. */
export type ContentGone = 'retention' | 'erased'

/**
 * Why an attempt got no answer. `connect_timeout`: nothing was sent; `timeout`: it was. `refused_address` is our egress guard;
 * `own_fault` is ours and counts for nothing.
 */
export type AttemptError =
  | 'dns'
  | 'connect'
  | 'connect_timeout'
  | 'tls'
  | 'certificate_expired'
  | 'certificate_name'
  | 'certificate_untrusted'
  | 'timeout'
  | 'reset'
  | 'refused_address'
  | 'own_fault'

/** A row that is not the first delivery of an accepted event is marked on the wire. */
export type DeliveryKind = 'replay' | 'test'

/** One POST and what came of it. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  readonly at: EpochMs
  readonly tookMs: number
  readonly status?: number
  readonly error?: AttemptError
  /** An end user's words for what went wrong. */
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
  /** When the supervisor takes it up again; null when final, or while it waits for its visit's turn. */
  readonly nextAttemptAt: EpochMs | null
  readonly attempts: readonly Attempt[]
  /** Counts up by one with every write: a writer that has not seen the last one must look again. */
  readonly revision: number
  readonly kind?: DeliveryKind
  /** How many attempts belong to earlier rounds of the policy: a resend or a replay begins a new one. */
  readonly earlierAttempts?: number
  /** How often in a row an attempt failed for a reason of ours. */
  readonly ownFaults?: number
  /** The replay that opened the row again, and what it was before. */
  readonly replayId?: string
  readonly statusBefore?: DeliveryStatus
  readonly reasonBefore?: DeliveryReason
  /** True while it takes part in its visit's order. */
  readonly ordered?: true
  /** The wire bytes as text, kept only while the row is pending, held or dead. */
  readonly body?: string
  readonly contentGone?: ContentGone
  /** W3C `traceparent` of the hop that first handled the event: later attempts continue or link it. */
  readonly traceparent: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

export const deliveryId = (eventId: string, subscriptionId: string): string => `${eventId}.${subscriptionId}`

/** The row as a log entry without anybody's words in it: what happened when, and nothing of what was said. */
export const withoutContent = ({ body: _, ...row }: Delivery, contentGone: ContentGone): Delivery => ({
  ...row,
  contentGone,
  attempts: row.attempts.map(({ response: __, ...attempt }) => attempt),
})

export const isFinal = (status: DeliveryStatus): boolean =>
  status === 'delivered' || status === 'dead' || status === 'cancelled'

/** How many attempts the list of a row keeps: resends could make it grow for ever. */
const keptAttempts = 100

export const withAttempt = (row: Delivery, attempt: Attempt): Delivery => ({
  ...row,
  attempts: [...row.attempts, attempt].slice(-keptAttempts),
})

/** Of the next attempt, from 1. */
export const nextNumber = ({ attempts }: Delivery): number => (attempts.at(-1)?.number ?? 0) + 1

/**
 * A write that met another (a user cancelled or sent again what was under way): nothing that happened is forgotten. A delivery that
 * reached the receiver is delivered; else the other's decision stands, with our attempts in its list. Content that was removed meanwhile
 * does not come back.
 */
export const mergeRows = (theirs: Delivery, ours: Delivery): Delivery => {
  const known = new Set(theirs.attempts.map(({ spanId }) => spanId))
  const attempts = [...theirs.attempts, ...ours.attempts.filter(({ spanId }) => !known.has(spanId))]
  const revision = theirs.revision + 1
  const merged = ours.status === 'delivered' ? { ...ours, attempts, revision } : { ...theirs, attempts, revision }
  return theirs.contentGone === undefined ? merged : withoutContent(merged, theirs.contentGone)
}
