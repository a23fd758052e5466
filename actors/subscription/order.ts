/**
 * Whose turn it is, visit by visit, for a subscription with `ordering: "visit"`: one delivery of a visit is active (in hand, or in the
 * ledger with a due time), later ones wait in the ledger without a due time until it is final.
 */
export interface Order {
  readonly visits: ReadonlyMap<string, Turn>
  /** False when the ledger has more waiting rows than were read: until they are, every new event waits behind them. */
  readonly complete: boolean
  /** Visits whose next delivery is to be fetched. */
  readonly idle: readonly string[]
  readonly loading: boolean
  /**
   * False after a takeover, until the stream has offered again what the last owner had in hand: an event that is in no row yet may be
   * earlier than one that waits in the ledger.
   */
  readonly caughtUp: boolean
}

interface Turn {
  /** Deliveries that are not final. */
  readonly open: number
  /** Of these, on their way into the ledger to wait there. */
  readonly writing: number
  readonly active: boolean
}

/** What the ledger has: visits with open rows, in the order of their first. */
export interface Turns {
  readonly visits: readonly { readonly visitId: string; readonly open: number; readonly active: boolean }[]
  readonly complete: boolean
}

export const noOrder: Order = { visits: new Map(), complete: true, idle: [], loading: false, caughtUp: false }

export const orderFrom = ({ visits, complete }: Turns, caughtUp: boolean): Order => ({
  visits: new Map(visits.map(({ visitId, open, active }) => [visitId, { open, writing: 0, active }])),
  complete,
  idle: visits.filter(({ active }) => !active).map(({ visitId }) => visitId),
  loading: false,
  caughtUp,
})

const withTurn = (order: Order, visitId: string, turn: Turn | null): Order => {
  const visits = new Map(order.visits)
  if (turn === null) visits.delete(visitId)
  else visits.set(visitId, turn)
  return { ...order, visits }
}

/** True when a new event of this visit must wait in the ledger. */
export const mustWait = ({ visits, complete }: Order, visitId: string): boolean => !complete || visits.has(visitId)

/** A new event of a visit that has none: it goes ahead. */
export const goAhead = (order: Order, visitId: string): Order =>
  withTurn(order, visitId, { open: 1, writing: 0, active: true })

/** A new event waits: its row is being written. */
export const wait = (order: Order, visitId: string): Order => {
  const turn = order.visits.get(visitId)
  return turn === undefined
    ? order
    : withTurn(order, visitId, { ...turn, open: turn.open + 1, writing: turn.writing + 1 })
}

/** A waiting row is in the ledger; if nothing of its visit is active any more it is its turn. */
export const waits = (order: Order, visitId: string): Order => {
  const turn = order.visits.get(visitId)
  if (turn !== undefined) {
    // Not counted: it was written while the turns were read.
    const counted = turn.writing > 0 ? { writing: turn.writing - 1 } : { open: turn.open + 1 }
    return askIfIdle(order, visitId, { ...turn, ...counted })
  }
  return order.complete ? askIfIdle(order, visitId, { open: 1, writing: 0, active: false }) : order
}

/** The active delivery is final. */
export const finish = (order: Order, visitId: string): Order => {
  const turn = order.visits.get(visitId)
  if (turn === undefined) return order
  const open = turn.open - 1
  return open <= 0 ? withTurn(order, visitId, null) : askIfIdle(order, visitId, { ...turn, open, active: false })
}

/** The active delivery left these hands undone: it must be fetched anew. */
export const putBack = (order: Order, visitId: string): Order => {
  const turn = order.visits.get(visitId)
  return turn === undefined ? order : askIfIdle(order, visitId, { ...turn, active: false })
}

/** What the ledger said of a visit: its next delivery is active now, or there is none. */
export const answer = (order: Order, visitId: string, found: boolean): Order => {
  const turn = order.visits.get(visitId)
  if (turn === undefined) return found ? goAhead(order, visitId) : order
  if (found) return withTurn(order, visitId, { ...turn, active: true })
  // A row on its way asks again when it has arrived.
  return turn.writing > 0 ? order : withTurn(order, visitId, null)
}

/** Takes up to `limit` visits whose next delivery is to be fetched; one whose row is being written asks again when it is. */
export const takeIdle = (
  order: Order,
  limit: number,
): { readonly visitIds: readonly string[]; readonly order: Order } => {
  if (order.idle.length === 0 || limit <= 0 || !order.caughtUp) return { visitIds: [], order }
  const [taken, idle] = [order.idle.slice(0, limit), order.idle.slice(limit)]
  return { visitIds: taken.filter(visitId => order.visits.get(visitId)?.writing === 0), order: { ...order, idle } }
}

const askIfIdle = (order: Order, visitId: string, turn: Turn): Order => {
  const changed = withTurn(order, visitId, turn)
  const ask = !turn.active && turn.writing === 0 && !order.idle.includes(visitId)
  return ask ? { ...changed, idle: [...order.idle, visitId] } : changed
}
