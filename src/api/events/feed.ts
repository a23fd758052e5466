import { setTimeout as waitFor } from 'node:timers/promises'
import type { VisitEvent } from '../../domain/event.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { defaultLimit, readCursor, writeCursor } from '../operation/page.ts'
import { eventOperations } from './operations.ts'

export interface EventFeedDeps {
  readonly eventTypes: readonly { readonly type: string }[]
  /** A page of a tenant’s accepted events in their order. An entry without an event is a message that was not a valid event. */
  readonly readFeed: (query: {
    tenant: string
    type?: string
    from: EpochMs
    after: number | null
    limit: number
  }) => Promise<readonly { sequence: number; event: VisitEvent | null }[]>
  readonly now: () => EpochMs
  /** For tests: resolves after this time. */
  readonly pause?: (ms: number) => Promise<unknown>
}

/** How often the feed is read again for a caller that waits. */
const lookEveryMs = 250

/** After this message, or from this time on. */
type Place = { readonly sequence: number } | { readonly from: EpochMs }
const isPlace = (value: unknown): value is Place => {
  if (typeof value !== 'object' || value === null) return false
  if ('sequence' in value) return isWhole(value.sequence, Number.MAX_SAFE_INTEGER - 1)
  return 'from' in value && isWhole(value.from, latestMoment)
}

/** The last moment that RFC 3339 can write. */
const latestMoment = Date.parse('9999-12-31T23:59:59.999Z')
const isWhole = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most

/** The accepted events of a tenant as a feed, for systems that poll instead of receiving webhooks. */
export const eventFeedRoutes = (
  operations: Operations,
  { eventTypes, readFeed, now, pause = waitFor }: EventFeedDeps,
): void => {
  operations.add(eventOperations.list, async ({ params: { tenant }, state: { query }, req }) => {
    const { cursor, from, limit = defaultLimit, type, waitMs = 0 } = query
    if (type !== undefined && !eventTypes.some(known => known.type === type))
      throw new Failure('unknown_event_type', `There is no event type "${type.slice(0, 60)}".`)
    let place: Place = readCursor(cursor, isPlace) ?? { from: from === undefined ? 0 : Math.max(0, Date.parse(from)) }
    const until = now() + waitMs
    const items: VisitEvent[] = []
    for (;;) {
      const page = await readFeed({
        tenant,
        ...(type !== undefined && { type }),
        from: 'from' in place ? place.from : 0,
        after: 'sequence' in place ? place.sequence : null,
        limit,
      })
      items.push(...page.flatMap(({ event, sequence }) => (event === null ? [] : [{ sequence, ...event }])))
      const last = page.at(-1)
      if (last !== undefined) place = { sequence: last.sequence }
      // After a page without any valid event the next page is read at once.
      if (items.length > 0 || (last === undefined && now() >= until) || req.destroyed) break
      if (last === undefined) await pause(lookEveryMs)
    }
    return { items, next: writeCursor(place) }
  })
}
