import type { Observable } from 'rxjs'
import type { AuditListDeps } from './audit/routes.ts'
import type { DeliveryActionDeps } from './deliveries/actions.ts'
import type { LiveDeliveryDeps } from './deliveries/live.ts'
import type { DeliveryDeps } from './deliveries/routes.ts'
import type { EventTypeDeps } from './event-types/routes.ts'
import type { EventAccountDeps } from './events/account.ts'
import type { EventFeedDeps } from './events/feed.ts'
import type { EventDeps } from './events/routes.ts'
import type { ProblemDeps } from './http/problem.ts'
import type { KeyDeps } from './keys/routes.ts'
import type { GuardDeps } from './operation/guard.ts'
import type { PipelineDeps } from './operation/pipeline.ts'
import type { RetentionDeps } from './privacy/retention-routes.ts'
import type { ErasureDeps } from './privacy/visitor-routes.ts'
import type { ReplayDeps } from './replays/routes.ts'
import type { ServiceDeps } from './service/routes.ts'
import type { StatsDeps } from './stats/routes.ts'
import type { SubscriptionActionDeps } from './subscriptions/actions.ts'
import type { SubscriptionChangeDeps } from './subscriptions/change.ts'
import type { SubscriptionDeps } from './subscriptions/routes.ts'
import type { SubscriptionTrialDeps } from './subscriptions/trials.ts'
import type { TenantDeps } from './tenants/routes.ts'
import type { TokenDeps } from './tokens/routes.ts'

/** What the application itself needs. */
interface HttpDeps {
  /** Origins of pages that may call the API from a browser; `*`: all. */
  readonly corsOrigins: readonly string[]
  /** Ids of tokens that were revoked, at this or another process. */
  readonly revokedTokens$: Observable<string>
  /** The first middleware: it makes the server span. */
  readonly observe: (context: ObservedContext, next: () => Promise<unknown>) => Promise<void>
}

/** What `observe` sees of a request. */
export interface ObservedContext {
  readonly method: string
  readonly path: string
  readonly status: number
  get(header: string): string
  /** The pattern of the route, once it was matched. */
  readonly _matchedRoute?: string | RegExp
}

/** What the API needs of the service: the sum of what its routes need. */
export type ApiDeps = HttpDeps &
  ProblemDeps &
  GuardDeps &
  PipelineDeps &
  ServiceDeps &
  EventDeps &
  EventFeedDeps &
  EventAccountDeps &
  TenantDeps &
  TokenDeps &
  AuditListDeps &
  KeyDeps &
  SubscriptionDeps &
  SubscriptionChangeDeps &
  SubscriptionActionDeps &
  SubscriptionTrialDeps &
  DeliveryDeps &
  DeliveryActionDeps &
  LiveDeliveryDeps &
  StatsDeps &
  ReplayDeps &
  RetentionDeps &
  ErasureDeps &
  EventTypeDeps
