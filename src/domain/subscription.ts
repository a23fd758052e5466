import type { RequestExtras } from './credentials.ts'
import type { Probe, Verification } from './endpoint-check.ts'
import { isOperational, type VisitEvent } from './event.ts'
import { plainNumber } from './raw-number.ts'
import type { StoredSettings } from './subscription-settings.ts'
import type { EpochMs } from './time.ts'

export type SubscriptionStatus = 'active' | 'paused' | 'disabled'

type Filter = Required<StoredSettings>['filter']

/** An endpoint and the events that it receives: its settings, and what Doorbell stores beside them. */
export interface Subscription extends StoredSettings {
  readonly id: string
  readonly tenant: string
  readonly status: SubscriptionStatus
  /** Why it is paused or disabled, for end users; and since when. */
  readonly statusReason?: string
  readonly statusSince?: EpochMs
  /** The customer’s headers and auth (`RequestExtras`) as JWE, and the part of them that may be shown. */
  readonly sealedExtras?: string
  readonly shownExtras?: RequestExtras
  /** The `whsec_…` secret as JWE compact serialization. It never leaves the service. */
  readonly sealedSecret: string
  /** The previous secret, which also signs until then. */
  readonly previousSecret?: { readonly sealed: string; readonly validUntil: EpochMs }
  readonly verification?: Verification
  readonly probe?: Probe
  /** Grows by one with every change; the ETag. */
  readonly version: number
  /**
   * A place in the stream: events with a higher sequence were accepted after the customer asked for the subscription. Absent in
   * subscriptions of earlier versions of Doorbell.
   */
  readonly createdSequence?: number
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

export type SubscriptionChange =
  { readonly type: 'changed'; readonly subscription: Subscription } | { readonly type: 'removed'; readonly id: string }

/** `*` matches every event of visits; operational events must be listed by name. */
export const matchesType = (pattern: string, type: string): boolean =>
  pattern === type ||
  (pattern === '*' ? !isOperational(type) : pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

/** Objects such as `host` and `visitor` are compared by their id, numbers by their value however they were written. */
export const comparable = (value: unknown): unknown =>
  plainNumber(typeof value === 'object' && value !== null && 'id' in value ? value.id : value)

const matchesFilter = (filter: Filter, data: VisitEvent['data']): boolean =>
  Object.entries(filter).every(([field, allowed]) => allowed.some(value => value === comparable(data[field])))

/**
 * True when this event is to be delivered to this subscription, or held for it while it is paused or disabled. A subscription does not
 * receive events about itself: each failure to deliver one would cause another.
 */
export const matches = (subscription: Subscription, event: VisitEvent): boolean =>
  !(isOperational(event.type) && event.data['subscriptionId'] === subscription.id) &&
  subscription.eventTypes.some(pattern => matchesType(pattern, event.type)) &&
  (subscription.filter === undefined || matchesFilter(subscription.filter, event.data))

/** True if the subscription was created after this event was accepted, by the order of the stream. Such an event was never meant for it. */
export const isYounger = ({ createdSequence }: Subscription, sequence: number): boolean =>
  createdSequence !== undefined && sequence <= createdSequence

/** True when an event with this sequence is to be delivered to this subscription without a replay. */
export const receives = (subscription: Subscription, event: VisitEvent, sequence: number): boolean =>
  !isYounger(subscription, sequence) && matches(subscription, event)

/** Returns the secrets that sign at this moment: during a rotation also the previous one. */
export const secretsAt = ({ sealedSecret, previousSecret }: Subscription, at: EpochMs): readonly string[] =>
  previousSecret !== undefined && at < previousSecret.validUntil
    ? [sealedSecret, previousSecret.sealed]
    : [sealedSecret]
