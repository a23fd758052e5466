import { auditOperations } from '../../src/api/audit/operations.ts'
import { deliveryOperations } from '../../src/api/deliveries/operations.ts'
import { eventTypeOperations } from '../../src/api/event-types/operations.ts'
import { eventOperations } from '../../src/api/events/operations.ts'
import { keyOperations } from '../../src/api/keys/operations.ts'
import type { Operation } from '../../src/api/operation/operation.ts'
import { retentionOperations } from '../../src/api/privacy/retention-operations.ts'
import { visitorOperations } from '../../src/api/privacy/visitor-operations.ts'
import { replayOperations } from '../../src/api/replays/operations.ts'
import { serviceOperations } from '../../src/api/service/operations.ts'
import { statsOperations } from '../../src/api/stats/operations.ts'
import { subscriptionActionOperations } from '../../src/api/subscriptions/action-operations.ts'
import { subscriptionOperations } from '../../src/api/subscriptions/operations.ts'
import { tenantOperations } from '../../src/api/tenants/operations.ts'
import { tokenOperations } from '../../src/api/tokens/operations.ts'

/** Every call that src/api declares, for tests that walk them. A call that is served and is not among these fails src/api/declared.test.ts. */
export const declaredOperations: readonly Operation[] = [
  eventOperations,
  subscriptionOperations,
  subscriptionActionOperations,
  deliveryOperations,
  statsOperations,
  replayOperations,
  retentionOperations,
  visitorOperations,
  tenantOperations,
  tokenOperations,
  auditOperations,
  keyOperations,
  eventTypeOperations,
  serviceOperations,
].flatMap(group => Object.values<Operation>(group))

/** The path of a call with these parameters. */
export const pathOf = ({ path }: Pick<Operation, 'path'>, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? `no ${name}`))
