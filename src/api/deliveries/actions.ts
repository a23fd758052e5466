import { Failure } from '../../domain/failure.ts'
import { isFinal } from '../../domain/delivery.ts'
import { showDelivery } from './routes.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { deliveryOperations } from './operations.ts'

/** Sending one delivery again, and cancelling one. */
export const deliveryActionRoutes = (operations: Operations, deps: ApiDeps): void => {
  const find = async (tenant: string, id: string) => {
    const row = await deps.deliveries.get(tenant, id)
    if (row === null) throw new Failure('not_found', 'There is no such delivery in the log.')
    return row
  }

  operations.add(deliveryOperations.resend, async (context, { tenant, params, tell }) => {
    const row = await find(tenant, params['id'] ?? '')
    const subscription = await deps.subscriptions.get(tenant, row.subscriptionId)
    if (subscription === null) throw new Failure('conflict', 'Its subscription was deleted.')
    if (!isFinal(row.status) && row.nextAttemptAt === null)
      throw new Failure('conflict', 'It waits for an earlier event of its visit. Send that one, or cancel it.')
    const body = await deps.bodyOf(row, subscription.payload)
    if (body === null) throw new Failure('conflict', 'The event’s content is no longer kept: it cannot be sent again.')
    const again = await deps.deliveries.resend(row, body, deps.now())
    if (again === null) throw new Failure('conflict', 'The delivery changed at this moment. Look at it again.')
    tell({ before: { status: row.status }, after: { status: again.status } })
    deps.wake(row.subscriptionId)
    context.status = 202
    context.body = showDelivery(again, deps.jaegerUrl)
  })

  operations.add(deliveryOperations.cancel, async (context, { tenant, params, tell }) => {
    const row = await find(tenant, params['id'] ?? '')
    if (isFinal(row.status)) throw new Failure('conflict', `The delivery is ${row.status}: there is nothing to cancel.`)
    const cancelled = await deps.deliveries.cancel(row, deps.now())
    if (cancelled === null) throw new Failure('conflict', 'The delivery changed at this moment. Look at it again.')
    tell({ before: { status: row.status }, after: { status: cancelled.status } })
    deps.wake(row.subscriptionId)
    context.status = 202
    context.body = showDelivery(cancelled, deps.jaegerUrl)
  })
}
