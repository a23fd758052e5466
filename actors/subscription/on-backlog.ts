import type { Delivery } from '../../src/domain/delivery.ts'
import type { EpochMs, Moment } from '../../src/domain/time.ts'
import { releaseBacklog } from './hold.ts'
import * as order from './order.ts'
import type { Work } from './protocol.ts'
import type { SubscriptionState } from './state.ts'
import { earliest, type Message } from './step.ts'

/** The ledger has returned due rows. */
export const pulled = (state: SubscriptionState, message: Message<'pulled'>, { now }: Moment): SubscriptionState => {
  const ended = { ...state, pulling: false, pullAgain: false, outdated: new Set<string>() }
  if (state.phase !== 'running') return ended
  if (state.pullAgain) return { ...ended, nextDueAt: now }
  const rows = message.rows.filter(row => !state.inHand.has(row.id) && !state.outdated.has(row.id))
  const laterAt = message.rows.length >= message.asked ? now : message.nextDueAt
  return {
    ...take(ended, rows, now),
    nextDueAt: laterAt === null ? state.nextDueAt : earliest(state.nextDueAt, laterAt),
  }
}

/** The ledger has returned the next row of a visit. */
export const nextOfVisit = (
  state: SubscriptionState,
  { visitId, row, active }: Message<'nextOfVisit'>,
  { now }: Moment,
): SubscriptionState => {
  if (state.phase !== 'running') return state
  const next = { ...state, order: order.nextRead(state.order, visitId, row !== null || active ? 'stored' : null) }
  const isOutdated = order.isOutdated(state.order, visitId)
  return row === null || isOutdated || state.inHand.has(row.id) ? next : take(next, [row], now)
}

/** The rows of this subscription have changed. Those that were pulled and not posted may be different or gone, so they are pulled again. */
export const backlogChanged = (state: SubscriptionState, { now }: Moment): SubscriptionState => {
  const released = releaseBacklog(state, now)
  return {
    ...released,
    order: order.recheck(released.order),
    nextDueAt: earliest(state.nextDueAt, now),
    pullAgain: state.pulling,
  }
}

const take = (state: SubscriptionState, rows: readonly Delivery[], now: EpochMs): SubscriptionState =>
  rows.length === 0
    ? state
    : {
        ...state,
        backlog: [...state.backlog, ...rows.map((delivery): Work => ({ delivery, stored: true, since: now }))],
        inHand: new Set([...state.inHand, ...rows.map(({ id }) => id)]),
        order: rows
          .filter(row => row.ordered === true)
          .reduce((before, row) => order.moveActive(before, row.visitId, 'in_hand'), state.order),
      }
