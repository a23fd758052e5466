import type { EpochMs } from './time.ts'

/** `pending` waits for a retry, `held` for capacity or permission; the other three are final. */
export type DeliveryStatus = 'delivered' | 'pending' | 'held' | 'dead' | 'cancelled'

/** Why a row is held, pending, dead or cancelled. */
export type DeliveryReason = HoldReason | 'resent' | 'replay' | ClosingReason

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
  /** A problem on Doorbell's side. A row that had an attempt then is pending. */
  | 'own_fault'

export type ClosingReason =
  /** The retry policy has no further attempt. */
  | 'exhausted'
  /** The endpoint answered twice with the same redirect after it had received the request (302, 303). */
  | 'redirected'
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

/** Why the content of a row, its body and answers, was removed for good. */
export type ContentGone = 'retention' | 'erased'

/**
 * Why an attempt got no answer. `connect_timeout`: nothing was sent; `timeout`: the request was sent. `refused_address`: the egress guard
 * refused the connection. `own_fault`: a problem on Doorbell's side, which does not count as an attempt.
 */
export type AttemptError =
  | 'dns'
  | 'connect'
  | 'connect_timeout'
  | 'tls'
  | 'certificate_expired'
  | 'certificate_name'
  | 'certificate_untrusted'
  | 'http2_only'
  | 'timeout'
  | 'reset'
  | 'refused_address'
  | 'own_fault'

/** Marks a delivery that is not the first of an accepted event, also in the request's headers. */
export type DeliveryKind = 'replay' | 'test'

/** One POST and its result. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  readonly at: EpochMs
  readonly tookMs: number
  readonly status?: number
  readonly error?: AttemptError
  /** What went wrong, for end users. */
  readonly detail?: string
  /** At most the first 4 KiB of the answer's body, as text. */
  readonly response?: string
  /** Where a redirect leads, without credentials and query values. Kept and removed with the answer. */
  readonly location?: string
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
  /** When the supervisor fetches it again; null when final, or while an earlier event of its visit is open. */
  readonly nextAttemptAt: EpochMs | null
  readonly attempts: readonly Attempt[]
  /** Grows by one with every write: a write that expects another revision fails, and its writer reads the row again. */
  readonly revision: number
  readonly kind?: DeliveryKind
  /** The number of attempts in earlier rounds of the retry policy: a resend or a replay starts a new round. */
  readonly earlierAttempts?: number
  /** How many attempts in a row failed because of a problem on Doorbell's side. */
  readonly ownFaults?: number
  /** The replay that opened the row again, and the row's previous status and reason. */
  readonly replayId?: string
  readonly statusBefore?: DeliveryStatus
  readonly reasonBefore?: DeliveryReason
  /** True while the delivery keeps its place in the order of its visit. */
  readonly ordered?: true
  /** The wire bytes as text, kept only while the row is pending, held or dead. */
  readonly body?: string
  readonly contentGone?: ContentGone
  /** W3C `traceparent` of the span that processed the event: later attempts continue its trace or link to it. */
  readonly traceparent: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

export const deliveryId = (eventId: string, subscriptionId: string): string => `${eventId}.${subscriptionId}`

/** The row as a log entry: it says what happened when, and holds no content of the event or of answers. */
export const withoutContent = ({ body: _, ...row }: Delivery, contentGone: ContentGone): Delivery => ({
  ...row,
  contentGone,
  attempts: row.attempts.map(({ response: __, location: ___, ...attempt }) => attempt),
})

export const isFinal = (status: DeliveryStatus): boolean =>
  status === 'delivered' || status === 'dead' || status === 'cancelled'

/** The number of attempts that a row keeps: with resends, the list could grow without end. */
export const keptAttempts = 100

export const withAttempt = (row: Delivery, attempt: Attempt): Delivery => ({
  ...row,
  attempts: [...row.attempts, attempt].slice(-keptAttempts),
})

/** The number of attempts that the row no longer has. */
export const forgottenAttempts = ({ attempts }: Pick<Delivery, 'attempts'>): number => (attempts[0]?.number ?? 1) - 1

/** The number of the next attempt, from 1. */
export const nextNumber = ({ attempts }: Delivery): number => (attempts.at(-1)?.number ?? 0) + 1

/**
 * Merges a write with another one that came first, as when a user cancels or resends a delivery under way. No attempt is lost. A delivery that
 * reached the receiver is delivered; otherwise the other writer's decision stands, with our attempts added. Removed content does not
 * come back.
 */
export const mergeRows = (theirs: Delivery, ours: Delivery): Delivery => {
  const known = new Set(theirs.attempts.map(({ spanId }) => spanId))
  const attempts = [...theirs.attempts, ...ours.attempts.filter(({ spanId }) => !known.has(spanId))]
  const revision = theirs.revision + 1
  const merged = ours.status === 'delivered' ? { ...ours, attempts, revision } : { ...theirs, attempts, revision }
  return theirs.contentGone === undefined ? merged : withoutContent(merged, theirs.contentGone)
}
