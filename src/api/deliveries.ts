import type Router from '@koa/router'
import type { Delivery, DeliveryStatus } from '../domain/delivery.ts'
import { Failure } from '../domain/failure.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Guard } from './auth.ts'
import { readCursor, readLimit, writeCursor } from './cursor.ts'
import type { ApiDeps } from './deps.ts'
import { readQuery } from './query.ts'

const statuses: readonly DeliveryStatus[] = ['delivered', 'pending', 'held', 'dead', 'cancelled']

const queryNames = ['eventId', 'subscriptionId', 'visitId', 'status', 'limit', 'cursor'] as const

interface Place {
  readonly createdAt: EpochMs
  readonly id: string
}
const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Place).createdAt === 'number' &&
  typeof (value as Place).id === 'string'

/** The delivery log of a tenant. */
export const deliveryRoutes = (router: Router, deps: ApiDeps, guard: Guard): void => {
  router.get('/v1/tenants/:tenant/deliveries', async context => {
    const tenant = await guard.tenant(context, 'deliveries:read')
    const { status, limit: wantedLimit, cursor, ...filter } = readQuery(context, queryNames)
    const limit = readLimit(wantedLimit)
    const before = readCursor(cursor, isPlace)
    const wanted = statuses.find(known => known === status)
    if (status !== undefined && wanted === undefined)
      throw new Failure('invalid_request', `status must be one of: ${statuses.join(', ')}.`)
    const rows = await deps.deliveries.list({
      tenant,
      ...filter,
      ...(wanted === undefined ? {} : { status: wanted }),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const next =
      rows.length > limit && last !== undefined ? writeCursor({ createdAt: last.createdAt, id: last.id }) : null
    context.body = { items: page.map(row => showDelivery(row, deps.jaegerUrl)), next }
  })

  router.get('/v1/tenants/:tenant/deliveries/:id', async context => {
    const tenant = await guard.tenant(context, 'deliveries:read')
    const row = await deps.deliveries.get(tenant, context.params['id'] ?? '')
    if (row === null) throw new Failure('not_found', 'There is no such delivery in the log.')
    context.body = showDelivery(row, deps.jaegerUrl)
  })
}

/** A row as it goes over the wire (contract.md): times as RFC 3339, the trace with its link. */
export const showDelivery = (row: Delivery, jaegerUrl: string | null) => {
  const traceId = row.traceparent.split('-')[1] ?? ''
  return {
    id: row.id,
    eventId: row.eventId,
    subscriptionId: row.subscriptionId,
    visitId: row.visitId,
    type: row.type,
    status: row.status,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.nextAttemptAt === null ? {} : { nextAttemptAt: new Date(row.nextAttemptAt).toISOString() }),
    createdAt: new Date(row.createdAt).toISOString(),
    traceId,
    ...(jaegerUrl === null ? {} : { jaegerUrl: `${jaegerUrl}/trace/${traceId}` }),
    attempts: row.attempts.map(({ at, spanId: _, ...attempt }) => ({ ...attempt, at: new Date(at).toISOString() })),
  }
}
