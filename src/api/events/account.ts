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

export interface EventAccountDeps {
  readonly deliveries: Pick<DeliveryStore, 'list'>
  readonly subscriptions: Pick<SubscriptionStore, 'list'>
  /** Events that no subscription received. */
  readonly unmatched: {
    get(
      tenant: string,
      eventId: string,
    ): Promise<{ type: string; visitId: string; streamSequence: number; at: EpochMs } | null>
  }
  /** An accepted event; null when its content is no longer kept. */
  readonly readEvent: (tenant: string, type: string, streamSequence: number) => Promise<VisitEvent | null>
  readonly jaegerUrl: string | null
  readonly now: () => EpochMs
}

/** One event, with its deliveries and what became of it at each subscription. */
export const eventAccountRoutes = (operations: Operations, deps: EventAccountDeps): void => {
  operations.add(eventOperations.get, async ({ params: { tenant, id } }) => {
    const rows = await deps.deliveries.list({ tenant, eventId: id, limit: limits.subscriptionsPerTenant * 2 })
    const [first] = rows
    const known = first === undefined ? await deps.unmatched.get(tenant, id) : { ...first, at: first.createdAt }
    if (known === null)
      throw new Failure(
        'not_found',
        `There is no event "${id.slice(0, 70)}": it was not accepted, is not in the log yet, or is older than the log.`,
      )
    const { type, visitId, streamSequence, at } = known
    const read = await deps.readEvent(tenant, type, streamSequence)
    // After a restore the stream may hold another event under the number that the ledger has.
    const event = read?.id === id ? read : null
    const subscriptions = await deps.subscriptions.list(tenant, { limit: limits.subscriptionsPerTenant })
    return {
      id,
      type,
      visitId,
      event,
      deliveries: rows.map(row => showDelivery(row, deps.jaegerUrl)),
      subscriptions: whyOf(subscriptions, rows, event, { sequence: streamSequence, at }, deps.now()),
    }
  })
}
