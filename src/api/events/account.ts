import type { VisitEvent } from '../../domain/event.ts'
import { Failure } from '../../domain/failure.ts'
import { limits } from '../../domain/limits.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { DeliveryStore } from '../deliveries/store.ts'
import { showDelivery } from '../deliveries/wire.ts'
import type { Operations } from '../operation/operations.ts'
import type { SubscriptionStore } from '../subscriptions/store.ts'
import { eventOperations } from './operations.ts'
import { whyOf } from './why.ts'

interface KnownEvent {
  readonly type: string
  readonly visitId: string
  readonly streamSequence: number
}

export interface EventAccountDeps {
  readonly deliveries: Pick<DeliveryStore, 'list'>
  readonly subscriptions: Pick<SubscriptionStore, 'list'>
  /** Events that no subscription received. */
  readonly unmatched: {
    get(tenant: string, eventId: string): Promise<KnownEvent | null>
  }
  /** Every event of the tenant up to this sequence is processed: its deliveries are in the log. */
  readonly workedOnTo: (tenant: string) => Promise<number>
  /** Finds an accepted event that may not be processed yet, behind this sequence. */
  readonly findWaiting: (tenant: string, eventId: string, after: number) => Promise<KnownEvent | null>
  /** An accepted event; null when its content is no longer kept. */
  readonly readEvent: (tenant: string, type: string, streamSequence: number) => Promise<VisitEvent | null>
  readonly jaegerUrl: string | null
  readonly now: () => EpochMs
}

/** One event, with its deliveries and what became of it at each subscription. */
export const eventAccountRoutes = (operations: Operations, deps: EventAccountDeps): void => {
  operations.add(eventOperations.get, async ({ params: { tenant, id } }) => {
    // Before the log is read: what was processed by then is in it.
    const workedOnTo = await deps.workedOnTo(tenant)
    const rows = await deps.deliveries.list({ tenant, eventId: id, limit: limits.subscriptionsPerTenant * 2 })
    const [first] = rows
    const known = first ?? (await deps.unmatched.get(tenant, id)) ?? (await deps.findWaiting(tenant, id, workedOnTo))
    if (known === null)
      throw new Failure(
        'not_found',
        `There is no event "${id.slice(0, 70)}": it was not accepted, is older than the log, was removed from the event store by hand, or waits behind more than 10,000 others.`,
      )
    const { type, visitId, streamSequence } = known
    const read = await deps.readEvent(tenant, type, streamSequence)
    // After a restore the stream may hold another event under the number that the ledger has.
    const event = read?.id === id ? read : null
    const progressed = { sequence: streamSequence, isProcessed: streamSequence <= workedOnTo }
    const subscriptions = await deps.subscriptions.list(tenant, { limit: limits.subscriptionsPerTenant })
    return {
      id,
      type,
      visitId,
      event,
      deliveries: rows.map(row => showDelivery(row, deps.jaegerUrl)),
      subscriptions: whyOf(subscriptions, rows, event, progressed, deps.now()),
    }
  })
}
