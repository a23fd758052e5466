import type { Moment } from '../../src/domain/time.ts'
import type { Behaviour } from '../kit/behaviour.ts'
import { configured, drained, idled, removed } from './lifecycle.ts'
import { backlogChanged, nextOfVisit, pulled } from './on-backlog.ts'
import { attempted, offered, recorded } from './on-delivery.ts'
import { tested } from './observe.ts'
import { orderFrom } from './order.ts'
import { proceed } from './proceed.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import type { SubscriptionState } from './state.ts'
import { just, type SubscriptionStep } from './step.ts'

/** Decides what happens to each delivery of one subscription: post it, hold it, retry it later, or give up. */
export const superviseSubscription: Behaviour<SubscriptionState, SubscriptionMessage, SubscriptionEffect> = (
  state,
  message,
  moment,
) => {
  const { state: next, effects } = handle(state, message, moment)
  return proceed(next, effects, moment)
}

/** Applies the message itself; `proceed` then does what the new state allows. */
const handle = (state: SubscriptionState, message: SubscriptionMessage, moment: Moment): SubscriptionStep => {
  switch (message.type) {
    case 'offered':
      return offered(state, message.delivery, moment)
    case 'attempted':
      return attempted(state, message, moment)
    case 'recorded':
      return just(recorded(state, message))
    case 'pulled':
      return just(pulled(state, message, moment))
    case 'nextOfVisit':
      return just(nextOfVisit(state, message, moment))
    case 'visitsRead':
      return just({ ...state, order: orderFrom(message.visits, state.order.caughtUp) })
    case 'caughtUp':
      return just({ ...state, order: { ...state.order, caughtUp: true } })
    case 'woke':
      return just({ ...state, wakeAt: null })
    case 'backlogChanged':
      return just(backlogChanged(state, moment))
    case 'tested':
      return tested(state, moment.now)
    case 'configured':
      return configured(state, message.subscription, moment)
    case 'removed':
      return removed(state, moment)
    case 'drain':
      return drained(state)
    case 'idled':
      return idled(state, moment)
  }
}
