import type { EpochMs } from './time.ts'

/** What Doorbell tells a tenant about its own subscriptions; a tenant subscribes to it like to any event type. */
export type OperationalType =
  | 'webhook.subscription.failing'
  | 'webhook.subscription.disabled'
  | 'webhook.subscription.recovered'
  | 'webhook.delivery.exhausted'

/** An operational event before it is published. */
export interface Announcement {
  readonly type: OperationalType
  readonly tenant: string
  readonly subscriptionId: string
  /** The same for a repeated announcement of the same thing: published once. */
  readonly key: string
  readonly at: EpochMs
  readonly data: Readonly<Record<string, unknown>>
}
