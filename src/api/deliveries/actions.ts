import { type Delivery, isFinal } from '../../domain/delivery.ts'
import type { PayloadForm } from '../../domain/event.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import type { SubscriptionStore } from '../subscriptions/store.ts'
import { deliveryOperations } from './operations.ts'
import { type DeliveryStore, findDelivery } from './store.ts'
import { showDelivery } from './wire.ts'

export interface DeliveryActionDeps {
  readonly deliveries: Pick<DeliveryStore, 'get' | 'resend' | 'cancel'>
  readonly subscriptions: Pick<SubscriptionStore, 'get'>
  /** The body that sending a row again would send, in this form; null when it is no longer kept. */
  readonly bodyOf: (row: Delivery, form: PayloadForm) => Promise<string | null>
  /** Makes all processes look at a subscription. */
  readonly wake: (id: string) => void
  readonly jaegerUrl: string | null
  readonly now: () => EpochMs
}

/** Sending one delivery again, and cancelling one. */
export const deliveryActionRoutes = (operations: Operations, deps: DeliveryActionDeps): void => {
  const { deliveries, subscriptions, jaegerUrl, now } = deps

  operations.add(deliveryOperations.resend, async ({ params, state: { record } }) => {
    const row = await findDelivery(deps, params)
    const subscription = await subscriptions.get(params.tenant, row.subscriptionId)
    if (subscription === null) throw new Failure('conflict', 'Its subscription was deleted.')
    if (!isFinal(row.status) && row.nextAttemptAt === null)
      throw new Failure('conflict', 'It waits for an earlier event of its visit. Send or cancel that event first.')
    const body = await deps.bodyOf(row, subscription.payload)
    if (body === null) throw new Failure('conflict', 'The event’s content is no longer kept: it cannot be sent again.')
    const due = await deliveries.resend(row, body, now())
    if (due === null) throw changedNow()
    record({ before: row, after: due })
    deps.wake(row.subscriptionId)
    return showDelivery(due, jaegerUrl)
  })

  operations.add(deliveryOperations.cancel, async ({ params, state: { record } }) => {
    const row = await findDelivery(deps, params)
    if (isFinal(row.status)) throw new Failure('conflict', `The delivery is ${row.status}: there is nothing to cancel.`)
    const cancelled = await deliveries.cancel(row, now())
    if (cancelled === null) throw changedNow()
    record({ before: row, after: cancelled })
    deps.wake(row.subscriptionId)
    return showDelivery(cancelled, jaegerUrl)
  })
}

const changedNow = () => new Failure('conflict', 'The delivery changed during this request. Read it again.')
