import type { Delivery } from '../../domain/delivery.ts'
import { originTraceIdOf } from '../../domain/delivery-trace.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { deliveryOperations } from './operations.ts'

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
export const deliveryRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(deliveryOperations.list, async (context, { tenant, query }) => {
    const { limit = defaultLimit, cursor, from, to, ...equal } = query
    const before = readCursor(cursor, isPlace)
    const rows = await deps.deliveries.list({
      tenant,
      ...equal,
      ...(from === undefined ? {} : { from: Date.parse(from) }),
      ...(to === undefined ? {} : { to: Date.parse(to) }),
      ...(before === undefined ? {} : { before }),
      limit: limit + 1,
    })
    const { items, next } = pageOf(rows, limit, ({ createdAt, id }) => ({ createdAt, id }))
    context.body = { items: items.map(row => showDelivery(row, deps.jaegerUrl)), next }
  })

  operations.add(deliveryOperations.get, async (context, { tenant, params }) => {
    const row = await deps.deliveries.get(tenant, params['id'] ?? '')
    if (row === null) throw new Failure('not_found', 'There is no such delivery in the log.')
    context.body = showDelivery(row, deps.jaegerUrl)
  })
}

/** A row as it goes over the wire (contract.md): times as RFC 3339, the trace with its link. */
export const showDelivery = (row: Delivery, jaegerUrl: string | null) => {
  const traceId = originTraceIdOf(row)
  return {
    id: row.id,
    eventId: row.eventId,
    subscriptionId: row.subscriptionId,
    visitId: row.visitId,
    type: row.type,
    status: row.status,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.kind === undefined ? {} : { kind: row.kind }),
    ...(row.contentGone === undefined ? {} : { contentGone: row.contentGone }),
    ...(row.nextAttemptAt === null ? {} : { nextAttemptAt: new Date(row.nextAttemptAt).toISOString() }),
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
    traceId,
    ...(jaegerUrl === null ? {} : { jaegerUrl: `${jaegerUrl}/trace/${traceId}` }),
    attempts: row.attempts.map(({ at, spanId, ...attempt }) => ({
      ...attempt,
      at: new Date(at).toISOString(),
      ...(jaegerUrl === null ? {} : { jaegerUrl: `${jaegerUrl}/trace/${attempt.traceId}?uiFind=${spanId}` }),
    })),
  }
}
