/** The shapes of the API's answers, derived from the schemas that the server publishes in its reference. */
import type { Static } from 'typebox'
import type { auditAnswer } from '../../../api/audit/wire.ts'
import type { attemptAnswer, deliveryAnswer } from '../../../api/deliveries/wire.ts'
import type { eventTypeAnswer, eventTypeOperations } from '../../../api/event-types/operations.ts'
import type { eventAccountAnswer, eventAnswer } from '../../../api/events/wire.ts'
import type { keyAnswer } from '../../../api/keys/wire.ts'
import type { erasureAnswer, retentionAnswer } from '../../../api/privacy/wire.ts'
import type { replayAnswer } from '../../../api/replays/wire.ts'
import type { statsAnswer } from '../../../api/stats/wire.ts'
import type { subscriptionAnswer } from '../../../api/subscriptions/wire.ts'
import type { tenantAnswer } from '../../../api/tenants/wire.ts'
import type { callerAnswer, newTokenAnswer, tokenAnswer } from '../../../api/tokens/wire.ts'

export type { SettableField, SubscriptionSettings } from '../../../domain/subscription-settings.ts'
export type Subscription = Static<typeof subscriptionAnswer>
export type Delivery = Static<typeof deliveryAnswer>
export type Attempt = Static<typeof attemptAnswer>
export type VisitEvent = Static<typeof eventAnswer>
/** An event with its outcome at each subscription. */
export type EventAccount = Static<typeof eventAccountAnswer>
export type Verdict = EventAccount['subscriptions'][number]
export type Replay = Static<typeof replayAnswer>
export type Retention = Static<typeof retentionAnswer>
export type Erasure = Static<typeof erasureAnswer>
export type Tenant = Static<typeof tenantAnswer>
export type Token = Static<typeof tokenAnswer>
export type NewToken = Static<typeof newTokenAnswer>
export type AuditEntry = Static<typeof auditAnswer>
export type Me = Static<typeof callerAnswer>
export type Scope = Me['scopes'][number]
export type Stats = Static<typeof statsAnswer>
export type SubscriptionStats = Stats['items'][number]
export type EventType = Static<typeof eventTypeAnswer>
export type RetryPreview = Static<(typeof eventTypeOperations.previewRetry.answers)[200]['schema']>
export type SigningKey = Static<typeof keyAnswer>

/** A page of a list. `next` is the cursor of the page after it, null at the end. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}
