import type { EpochMs } from './time.ts'

/** The types of events that Doorbell publishes about a tenant's subscriptions. A tenant subscribes to them like to any other type. */
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
  /** Identifies the announcement, so that a repeated one is published only once. */
  readonly key: string
  readonly at: EpochMs
  readonly data: Readonly<Record<string, unknown>>
}
