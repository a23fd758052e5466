import { Failure } from '../domain/failure.ts'
import { limits } from '../domain/limits.ts'
import { showDelivery } from './deliveries.ts'
import type { ApiDeps } from './deps.ts'
import type { Operations } from './operation.ts'
import { eventOperations } from './operations/events.ts'
import { problemOf } from './problem.ts'

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
    if (first === undefined)
      throw new Failure(
        'not_found',
        `No delivery of an event "${eventId}" is in the log: no subscription matched it, or it is on its way.`,
      )
    const text = await deps.readMessage(first.streamSequence)
    context.body = {
      id: eventId,
      type: first.type,
      visitId: first.visitId,
      event: text === null ? null : (JSON.parse(text) as unknown),
      deliveries: rows.map(row => showDelivery(row, deps.jaegerUrl)),
    }
  })
}
