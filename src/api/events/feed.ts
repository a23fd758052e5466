import { setTimeout as wait } from 'node:timers/promises'
import type { VisitEvent } from '../../domain/event.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import { defaultLimit, readCursor, writeCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { eventOperations } from './operations.ts'

/** How often a reader that waits looks again. */
const lookEveryMs = 250

/** After this message, or from this moment on. */
type Place = { readonly sequence: number } | { readonly from: EpochMs }
const isPlace = (value: unknown): value is Place => {
  if (typeof value !== 'object' || value === null) return false
  if ('sequence' in value) return isWhole(value.sequence, Number.MAX_SAFE_INTEGER - 1)
  return 'from' in value && isWhole(value.from, latestMoment)
}

/** The last that RFC 3339 can write. */
const latestMoment = Date.parse('9999-12-31T23:59:59.999Z')
const isWhole = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most

/** The accepted events of a tenant as a feed, for those who would rather ask than be called. */
export const eventFeedRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(eventOperations.list, async (context, { tenant, query }) => {
    const { cursor, from, limit = defaultLimit, type, waitMs = 0 } = query
    if (type !== undefined && !deps.eventTypes.some(known => known.type === type))
      throw new Failure('unknown_event_type', `There is no event type "${type.slice(0, 60)}".`)
    let place: Place = readCursor(cursor, isPlace) ?? { from: from === undefined ? 0 : Math.max(0, Date.parse(from)) }
    const until = deps.now() + waitMs
    const items: VisitEvent[] = []
    for (;;) {
      const page = await deps.readFeed({
        tenant,
        ...(type === undefined ? {} : { type }),
        from: 'from' in place ? place.from : 0,
        after: 'sequence' in place ? place.sequence : null,
        limit,
      })
      items.push(...page.flatMap(({ event, sequence }) => (event === null ? [] : [{ sequence, ...event }])))
      const last = page.at(-1)
      if (last !== undefined) place = { sequence: last.sequence }
      // A page of messages that are no events is no reason to stop.
      if (items.length > 0 || (last === undefined && deps.now() >= until) || context.req.destroyed) break
      if (last === undefined) await wait(lookEveryMs)
    }
    context.body = { items, next: writeCursor(place) }
  })
}
