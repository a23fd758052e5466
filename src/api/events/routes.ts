import { Failure } from '../../domain/failure.ts'
import { limits } from '../../domain/limits.ts'
import { showDelivery } from '../deliveries/routes.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { eventOperations } from './operations.ts'
import { problemOf } from '../http/problem.ts'
import { whyOf } from './why.ts'

/** Events come in here; and one event is shown with its deliveries. */
export const eventRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(eventOperations.post, async (context, { tenant, body }) => {
    const event = deps.readPosted(tenant, body, deps.now())
    const trace = deps.trace()
    const { id, duplicate } = await deps.accept(event)
    context.status = 202
    context.body = { id, duplicate, traceId: trace?.traceId ?? null }
  })

  operations.add(eventOperations.postBatch, async (context, { tenant, body: { events } }) => {
    const trace = deps.trace()
    const acceptOne = async (value: unknown) => {
      try {
        const event = deps.readPosted(tenant, value, deps.now())
        const bytes = Buffer.byteLength(JSON.stringify(value))
        if (bytes > limits.eventBytes)
          throw new Failure(
            'payload_too_large',
            `The event is ${bytes} bytes; the limit is ${limits.eventBytes} bytes (64 KiB).`,
          )
        return await deps.accept(event)
      } catch (error) {
        return problemOf(deps, error)
      }
    }
    context.status = 202
    context.body = { results: await Promise.all(events.map(acceptOne)), traceId: trace?.traceId ?? null }
  })

  operations.add(eventOperations.get, async (context, { tenant, params: { id: eventId = '' } }) => {
    const rows = await deps.deliveries.list({ tenant, eventId, limit: limits.subscriptionsPerTenant * 2 })
    const [first] = rows
    const known = first === undefined ? await deps.unmatched.get(tenant, eventId) : { ...first, at: first.createdAt }
    if (known === null)
      throw new Failure(
        'not_found',
        `Nothing is known of an event "${eventId.slice(0, 70)}": it was not accepted, is on its way, or is older than the log.`,
      )
    const { type, visitId, streamSequence, at } = known
    const read = await deps.readEvent(tenant, type, streamSequence)
    // After a restore the stream's numbers may stand for other events than those that the ledger knows.
    const event = read?.id === eventId ? read : null
    const subscriptions = await deps.subscriptions.list(tenant, { limit: limits.subscriptionsPerTenant })
    context.body = {
      id: eventId,
      type,
      visitId,
      event,
      deliveries: rows.map(row => showDelivery(row, deps.jaegerUrl)),
      subscriptions: whyOf(subscriptions, rows, event, at, deps.now()),
    }
  })
}
