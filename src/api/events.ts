import type Router from '@koa/router'
import { Type } from 'typebox'
import { Failure } from '../domain/failure.ts'
import { limits } from '../domain/limits.ts'
import type { Guard } from './auth.ts'
import { readJson } from './body.ts'
import { showDelivery } from './deliveries.ts'
import type { ApiDeps } from './deps.ts'
import { problemOf } from './problem.ts'
import { createRequestCheck } from './request-check.ts'

/** The entries are checked one by one, so that a bad one does not spoil the rest. */
export const batchSchema = Type.Object(
  { events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: limits.batchEvents }) },
  { additionalProperties: false },
)

const batchBytes = 4 * 1024 * 1024

/** Events come in here; and one event is shown with its deliveries. */
export const eventRoutes = (router: Router, deps: ApiDeps, guard: Guard): void => {
  const batchOf = createRequestCheck<{ events: unknown[] }>(batchSchema)

  router.post('/v1/tenants/:tenant/events', async context => {
    const tenant = await guard.tenant(context, 'events:write')
    const event = deps.readPosted(tenant, await readJson(context, limits.eventBytes), deps.now())
    const trace = deps.trace()
    const { id, duplicate } = await deps.accept(event)
    context.status = 202
    context.body = { id, duplicate, traceId: trace?.traceId ?? null }
  })

  router.post('/v1/tenants/:tenant/events/batch', async context => {
    const tenant = await guard.tenant(context, 'events:write')
    const { events } = batchOf(await readJson(context, batchBytes))
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

  router.get('/v1/tenants/:tenant/events/:id', async context => {
    const tenant = await guard.tenant(context, 'deliveries:read')
    const { id: eventId = '' } = context.params
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
