import type { Delivery } from '../../api/shapes.ts'
import { linkTo, place, replacePlace } from '../../router.ts'

/** What is looked for, as it stands in the address: a link shows another person the same. */
export interface DeliveryQuery {
  readonly visitId?: string | undefined
  readonly eventId?: string | undefined
  readonly subscriptionId?: string | undefined
  readonly status?: string | undefined
  readonly type?: string | undefined
  /** A time until now: `1h`; instead of `from` and `to`. */
  readonly within?: string | undefined
  /** RFC 3339. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export const deliveriesPath = '/deliveries'
export const statuses = ['delivered', 'pending', 'held', 'dead', 'cancelled'] as const

const hourMs = 3_600_000
/** The times until now that the page offers. */
export const spans: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '15m': { label: 'Last 15 minutes', ms: hourMs / 4 },
  '1h': { label: 'Last hour', ms: hourMs },
  '24h': { label: 'Last 24 hours', ms: 24 * hourMs },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * hourMs },
}

const names = ['visitId', 'eventId', 'subscriptionId', 'status', 'type', 'within', 'from', 'to'] as const

export const deliveryQuery = (): DeliveryQuery => {
  const { query } = place.value
  return Object.fromEntries(names.map(name => [name, query.get(name) ?? undefined]))
}

/** Changes some of it, and the address with it. */
export const narrow = (change: DeliveryQuery): void => replacePlace(deliveriesPath, { ...deliveryQuery(), ...change })

export const linkToDeliveries = (query: DeliveryQuery = {}): string => linkTo(deliveriesPath, { ...query })

export const linkToDelivery = (id: string): string => linkTo(`${deliveriesPath}/${encodeURIComponent(id)}`)

/** An event has a page of its own: what became of it at each subscription. */
export const linkToEvent = (id: string): string => linkTo(`${deliveriesPath}/events/${encodeURIComponent(id)}`)

export const isNarrowed = (query: DeliveryQuery): boolean => names.some(name => query[name] !== undefined)

/** The same for the API; a time until now is counted back from `now`. */
export const apiQuery = ({ within, from, to, ...equal }: DeliveryQuery, now: number) => {
  const span = spans[within ?? '']
  return {
    ...equal,
    from: span === undefined ? from : new Date(now - span.ms).toISOString(),
    to: span === undefined ? to : undefined,
  }
}

/** Whether a row that arrives live is one that is looked for. */
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
