/** What the API answers with, from the very schemas that the server describes itself by. */
import type { Static } from 'typebox'
import type {
  attemptAnswer,
  auditAnswer,
  deliveryAnswer,
  erasureAnswer,
  eventAnswer,
  newTokenAnswer,
  replayAnswer,
  retentionAnswer,
  subscriptionAnswer,
  tenantAnswer,
  tokenAnswer,
} from '../../../api/answers.ts'
import type { catalogueOperations } from '../../../api/event-types/operations.ts'
import type { eventOperations } from '../../../api/events/operations.ts'
import type { keyOperations } from '../../../api/keys/operations.ts'
import type { statsOperations } from '../../../api/stats/operations.ts'
import type { tenantOperations } from '../../../api/tenants/operations.ts'

export type Subscription = Static<typeof subscriptionAnswer>
export type Delivery = Static<typeof deliveryAnswer>
export type Attempt = Static<typeof attemptAnswer>
export type VisitEvent = Static<typeof eventAnswer>
/** An event with what became of it at each subscription. */
export type EventAccount = Static<(typeof eventOperations.get.answers)[200]['schema']>
export type Verdict = EventAccount['subscriptions'][number]
export type Replay = Static<typeof replayAnswer>
export type Retention = Static<typeof retentionAnswer>
export type Erasure = Static<typeof erasureAnswer>
export type Tenant = Static<typeof tenantAnswer>
export type Token = Static<typeof tokenAnswer>
export type NewToken = Static<typeof newTokenAnswer>
export type AuditEntry = Static<typeof auditAnswer>
export type Me = Static<(typeof tenantOperations.me.answers)[200]['schema']>
export type Scope = Me['scopes'][number]
export type Stats = Static<(typeof statsOperations.get.answers)[200]['schema']>
export type SubscriptionStats = Stats['items'][number]
export type EventType = Static<(typeof catalogueOperations.eventTypes.answers)[200]['schema']>['items'][number]
export type RetryPreview = Static<(typeof catalogueOperations.retryPreview.answers)[200]['schema']>
export type SigningKey = Static<(typeof keyOperations.list.answers)[200]['schema']>['items'][number]

/** A page of a list; `next` is its cursor, null at the end. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}
