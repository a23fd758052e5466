import type { RequestExtras } from './credentials.ts'
import type { Probe, Verification } from './endpoint-check.ts'
import { isOperational, type PayloadForm, type VisitEvent } from './event.ts'
import type { RetryPolicy } from './retry.ts'
import type { EpochMs } from './time.ts'

export type SubscriptionStatus = 'active' | 'paused' | 'disabled'

/** A filter on fields of the event's `data`: every named field must hold one of its values. Keys are top-level fields, e.g. `site`; `host` is compared by its id. */
export type Filter = Readonly<Record<string, readonly (string | number | boolean)[]>>

/** An endpoint and what it wants to hear: what a portal administrator configures. */
export interface Subscription {
  readonly id: string
  readonly tenant: string
  readonly url: string
  readonly description?: string
  /** Exact types or a prefix with a final wildcard: `visit.checked_in`, `visit.*`, `*`. */
  readonly eventTypes: readonly string[]
  readonly filter?: Filter
  readonly status: SubscriptionStatus
  /** Why it is paused or disabled, in an end user's words; and since when. */
  readonly statusReason?: string
  readonly statusSince?: EpochMs
  readonly retry: RetryPolicy
  /** Whole attempt, connect to last byte, 1,000–30,000 ms. */
  readonly timeoutMs: number
  /** Most attempts under way at once, 1–500. */
  readonly maxInFlight: number
  /** Most attempts a second, 0.1–1,000; none: no limit. */
  readonly ratePerSecond?: number
  /** `visit`: a later event of a visit never overtakes an earlier one. */
  readonly ordering: 'none' | 'visit'
  /** An event that could not be delivered within this time is not delivered any more. */
  readonly expiresAfterMs?: number
  readonly payload: PayloadForm
  /** JWE of the customer's own headers and auth (`RequestExtras`), and what of them may be shown. */
  readonly sealedExtras?: string
  readonly shownExtras?: RequestExtras
  /** Whether `traceparent` is sent to the receiver. */
  readonly propagateTrace: boolean
  /** JWE compact serialization of the `whsec_…` secret: never leaves the service. */
  readonly sealedSecret: string
  /** The secret before, which signs beside the new one until then. */
  readonly previousSecret?: { readonly sealed: string; readonly validUntil: EpochMs }
  /** True: its events are held until the endpoint has answered a challenge. */
  readonly requireVerification?: boolean
  readonly verification?: Verification
  readonly probe?: Probe
  /** Counts up by one with every change; the ETag. */
  readonly version: number
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

/** Defaults of a new subscription; the reasons stand in docs/design.md. */
export const subscriptionDefaults = {
  timeoutMs: 10_000,
  maxInFlight: 64,
  ordering: 'none',
  payload: 'full',
  propagateTrace: false,
} as const satisfies Partial<Subscription>

/** `*` means everything that happens to visits; operational events are for those who name them. */
export const matchesType = (pattern: string, type: string): boolean =>
  pattern === type ||
  (pattern === '*' ? !isOperational(type) : pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

/** A person or thing (`host`, `visitor`) is compared by its id. */
export const comparable = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'id' in value ? value.id : value

const matchesFilter = (filter: Filter, data: VisitEvent['data']): boolean =>
  Object.entries(filter).every(([field, allowed]) => allowed.some(value => value === comparable(data[field])))

/**
 * True when this event is to be delivered to this subscription, or held for it while it is paused or disabled. What is told about a
 * subscription is not told to itself: its trouble would feed on itself.
 */
export const matches = (subscription: Subscription, event: VisitEvent): boolean =>
  !(isOperational(event.type) && event.data['subscriptionId'] === subscription.id) &&
  subscription.eventTypes.some(pattern => matchesType(pattern, event.type)) &&
  (subscription.filter === undefined || matchesFilter(subscription.filter, event.data))

/** The secrets that sign at this moment: during a rotation the one before too. */
export const secretsAt = ({ sealedSecret, previousSecret }: Subscription, at: EpochMs): readonly string[] =>
  previousSecret !== undefined && at < previousSecret.validUntil
    ? [sealedSecret, previousSecret.sealed]
    : [sealedSecret]
