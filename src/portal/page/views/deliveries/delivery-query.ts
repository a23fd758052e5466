import type { Delivery } from '../../api/shapes.ts'
import { dayMs, hourMs, minuteMs } from '../../format/units.ts'
import { linkTo, place, replacePlace } from '../../router.ts'

/** The filters of the list. They are kept in the address, so a link shows another person the same list. */
export interface DeliveryQuery {
  readonly visitId?: string | undefined
  readonly eventId?: string | undefined
  readonly subscriptionId?: string | undefined
  readonly status?: string | undefined
  readonly type?: string | undefined
  /** A span that ends now, e.g. `1h`; used instead of `from` and `to`. */
  readonly within?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const deliveriesPath = '/deliveries'
export const statuses = ['delivered', 'pending', 'held', 'dead', 'cancelled'] as const

/** The spans that end now and that the page offers. */
export const spans: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '15m': { label: 'Last 15 minutes', ms: 15 * minuteMs },
  '1h': { label: 'Last hour', ms: hourMs },
  '24h': { label: 'Last 24 hours', ms: dayMs },
  '7d': { label: 'Last 7 days', ms: 7 * dayMs },
}

const names = ['visitId', 'eventId', 'subscriptionId', 'status', 'type', 'within', 'from', 'to'] as const

/** Reads the filters from the address. */
export const deliveryQuery = (): DeliveryQuery => {
  const { query } = place.value
  return Object.fromEntries(names.map(name => [name, query.get(name) ?? undefined]))
}

/** Changes some filters in the address. */
export const narrow = (change: DeliveryQuery): void => replacePlace(deliveriesPath, { ...deliveryQuery(), ...change })

/** Removes all filters. */
export const clearQuery = (): void => replacePlace(deliveriesPath)

export const linkToDeliveries = (query: DeliveryQuery = {}): string => linkTo(deliveriesPath, { ...query })

export const linkToDelivery = (id: string): string => linkTo(`${deliveriesPath}/${encodeURIComponent(id)}`)

/** An event has its own page, which shows its outcome at each subscription. */
export const linkToEvent = (id: string): string => linkTo(`${deliveriesPath}/events/${encodeURIComponent(id)}`)

export const isNarrowed = (query: DeliveryQuery): boolean => names.some(name => query[name] !== undefined)

/** The filters as query parameters of the API. A span that ends now begins before `now`. */
export const apiQuery = ({ within, from, to, ...equal }: DeliveryQuery, now: number) => {
  const span = spans[within ?? '']
  return {
    ...equal,
    from: span === undefined ? from : new Date(now - span.ms).toISOString(),
    to: span === undefined ? to : undefined,
  }
}

/** Whether a delivery that arrives live matches the filters. */
export const isWanted = (row: Delivery, query: ReturnType<typeof apiQuery>): boolean => {
  const { visitId, eventId, subscriptionId, status, type, from, to } = query
  const at = Date.parse(row.createdAt)
  return (
    (visitId === undefined || row.visitId === visitId) &&
    (eventId === undefined || row.eventId === eventId) &&
    (subscriptionId === undefined || row.subscriptionId === subscriptionId) &&
    (status === undefined || row.status === status) &&
    (type === undefined || row.type === type) &&
    (from === undefined || at >= Date.parse(from)) &&
    (to === undefined || at < Date.parse(to))
  )
}
