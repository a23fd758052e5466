/**
 * The order of deliveries for a subscription with `ordering: "visit"`. One delivery of a visit is active: in hand, or in the ledger with a due
 * time. Later ones wait in the ledger without a due time until it is final.
 */
export interface Order {
  readonly visits: ReadonlyMap<string, Visit>
  /** False when the ledger has more waiting rows than were read. Until they are read, every new event waits behind them. */
  readonly complete: boolean
  /** Visits whose next delivery is to be read. */
  readonly idle: readonly string[]
  readonly loading: boolean
  /**
   * False after a takeover, until the stream has delivered again what the previous owner had in hand: an event without a row may be earlier
   * than one that waits in the ledger.
   */
  readonly caughtUp: boolean
}

interface Visit {
  /** The number of deliveries that are not final. */
  readonly open: number
  /** The number of these that are being written to the ledger to wait there. */
  readonly writing: number
  /** Where the active delivery is: in this supervisor's hand, or in the ledger with a due time. Null: none is active. */
  readonly active: Place | null
  /** True while its next delivery is read: one reading at a time, since an older answer may be out of date. */
  readonly reading: boolean
}
type Place = 'in_hand' | 'stored'

/** The visits with open rows in the ledger, in the order of their first row. */
export interface OpenVisits {
  readonly visits: readonly { readonly visitId: string; readonly open: number; readonly active: boolean }[]
  readonly complete: boolean
}

export const noOrder: Order = { visits: new Map(), complete: true, idle: [], loading: false, caughtUp: false }

export const orderFrom = ({ visits, complete }: OpenVisits, caughtUp: boolean): Order => ({
  visits: new Map(
    visits.map(({ visitId, open, active }) => [
      visitId,
      { open, writing: 0, reading: false, active: active ? 'stored' : null },
    ]),
  ),
  complete,
  idle: visits.filter(({ active }) => !active).map(({ visitId }) => visitId),
  loading: false,
  caughtUp,
})

const withVisit = (order: Order, visitId: string, visit: Visit | null): Order => {
  const visits = new Map(order.visits)
  if (visit === null) visits.delete(visitId)
  else visits.set(visitId, visit)
  return { ...order, visits }
}

/** True when a new event of this visit must wait in the ledger. */
export const mustWait = ({ visits, complete }: Order, visitId: string): boolean => !complete || visits.has(visitId)

/** A new event of a visit without open deliveries becomes the active one. */
export const goAhead = (order: Order, visitId: string): Order =>
  withVisit(order, visitId, { open: 1, writing: 0, reading: false, active: 'in_hand' })

/** A new event must wait, and its row is being written. */
export const wait = (order: Order, visitId: string): Order => {
  const visit = order.visits.get(visitId)
  return visit === undefined
    ? order
    : withVisit(order, visitId, { ...visit, open: visit.open + 1, writing: visit.writing + 1 })
}

/** The row of a waiting event is stored. If no delivery of its visit is active, the next one is read. */
export const waitStored = (order: Order, visitId: string): Order => {
  const visit = order.visits.get(visitId)
  if (visit !== undefined) {
    // A row that was not counted was written while the visits were read.
    const counted = visit.writing > 0 ? { writing: visit.writing - 1 } : { open: visit.open + 1 }
    return askIfIdle(order, visitId, { ...visit, ...counted })
  }
  return order.complete ? askIfIdle(order, visitId, { open: 1, writing: 0, reading: false, active: null }) : order
}

/** The active delivery became final. */
export const finish = (order: Order, visitId: string): Order => {
  const visit = order.visits.get(visitId)
  if (visit === undefined) return order
  const open = visit.open - 1
  return open <= 0 ? withVisit(order, visitId, null) : askIfIdle(order, visitId, { ...visit, open, active: null })
}

/** The active delivery was taken from the ledger, or is there again with a due time. */
export const moveActive = (order: Order, visitId: string, active: Place): Order => {
  const visit = order.visits.get(visitId)
  return visit === undefined ? order : withVisit(order, visitId, { ...visit, active })
}

/** The active delivery was released without an attempt, so it must be read again. */
export const putBack = (order: Order, visitId: string): Order => {
  const visit = order.visits.get(visitId)
  return visit === undefined ? order : askIfIdle(order, visitId, { ...visit, active: null })
}

/** Rows changed in the ledger: an active delivery there may be final now, so the next of its visit is read. */
export const recheck = (order: Order): Order =>
  [...order.visits]
    .filter(([, { active }]) => active === 'stored')
    .reduce((checked, [visitId]) => putBack(checked, visitId), order)

/** The next delivery of a visit was read: it is active now, or there is none. */
export const nextRead = (order: Order, visitId: string, active: Place | null): Order => {
  const known = order.visits.get(visitId)
  if (known === undefined)
    return active === null ? order : withVisit(order, visitId, { open: 1, writing: 0, reading: false, active })
  const visit = { ...known, reading: false }
  if (isOutdated(order, visitId)) return withVisit(order, visitId, visit)
  if (active !== null) return withVisit(order, visitId, { ...visit, active })
  // A row that is being written causes another reading when it is stored.
  return withVisit(order, visitId, visit.writing > 0 ? visit : null)
}

/** True for the answer to a reading if a delivery of the visit is in hand since, or if the visit is to be read again. */
export const isOutdated = ({ visits, idle }: Order, visitId: string): boolean =>
  visits.get(visitId)?.active === 'in_hand' || idle.includes(visitId)

/** Takes up to `limit` visits whose next delivery is to be read. A visit with a row that is being written is read again when it is stored. */
export const takeIdle = (
  order: Order,
  limit: number,
): { readonly visitIds: readonly string[]; readonly order: Order } => {
  if (limit <= 0 || !order.caughtUp) return { visitIds: [], order }
  const asked = order.idle.filter(visitId => isIdle(order.visits.get(visitId)))
  const visitIds = asked.filter(visitId => order.visits.get(visitId)?.reading === false).slice(0, limit)
  const idle = asked.filter(visitId => !visitIds.includes(visitId))
  return { visitIds, order: visitIds.reduce(beginReading, { ...order, idle }) }
}

const beginReading = (order: Order, visitId: string): Order => {
  const visit = order.visits.get(visitId)
  return visit === undefined ? order : withVisit(order, visitId, { ...visit, reading: true })
}

const isIdle = (visit: Visit | undefined): boolean => visit?.writing === 0 && visit.active === null

const askIfIdle = (order: Order, visitId: string, visit: Visit): Order => {
  const changed = withVisit(order, visitId, visit)
  const ask = isIdle(visit) && !order.idle.includes(visitId)
  return ask ? { ...changed, idle: [...order.idle, visitId] } : changed
}
