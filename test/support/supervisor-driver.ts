import { superviseSubscription } from '../../actors/subscription/behaviour.ts'
import type { StoredState, SubscriptionEffect, SubscriptionMessage } from '../../actors/subscription/protocol.ts'
import { initialState, type SubscriptionState } from '../../actors/subscription/state.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import { aDelivery, aSubscription, nothingStored } from './supervised-values.ts'

type Effect<Type extends SubscriptionEffect['type']> = Extract<SubscriptionEffect, { type: Type }>

interface Start {
  readonly stored?: StoredState
  readonly nextDueAt?: number | null
  /** Replaces parts of the first state. */
  readonly state?: Partial<SubscriptionState>
}

export const effectsOf = <Type extends SubscriptionEffect['type']>(
  effects: readonly SubscriptionEffect[],
  type: Type,
): readonly Effect<Type>[] => effects.filter((effect): effect is Effect<Type> => effect.type === type)

export const offered = (event: string | number, change: Partial<Delivery> = {}): SubscriptionMessage => ({
  type: 'offered',
  delivery: aDelivery(event, change),
})

/** The message that ends a post. */
export const attempted = (
  post: SubscriptionEffect | undefined,
  outcome: Outcome,
  { at = 1_000, tookMs = 5 } = {},
): Extract<SubscriptionMessage, { type: 'attempted' }> => {
  if (post?.type !== 'post') throw new Error('there was no post')
  const { work, number } = post
  return { type: 'attempted', work, outcome, attempt: { number, at, tookMs, url: '', traceId: '', spanId: '' } }
}

/** The message that ends a record. */
export const recorded = (record: SubscriptionEffect | undefined): SubscriptionMessage => {
  if (record?.type !== 'record') throw new Error('there was no record')
  return { type: 'recorded', row: record.row, stored: record.stored, leftOrder: false }
}

/** Feeds messages to one supervisor and keeps its state; `at` moves its clock, which starts at 1,000. */
export const drive = (
  change: Partial<Subscription> = {},
  { stored = nothingStored, nextDueAt = null, state: part = {} }: Start = {},
) => {
  const subscription = aSubscription(change)
  let state: SubscriptionState = { ...initialState({ subscription, nextDueAt, stored }), ...part }
  let now = 1_000
  const tell = (message: SubscriptionMessage): readonly SubscriptionEffect[] => {
    const step = superviseSubscription(state, message, { now, chance: 0.5 })
    state = step.state
    return step.effects
  }
  return {
    tell,
    /** Tells a message and returns its effects of one type. */
    ask: <Type extends SubscriptionEffect['type']>(message: SubscriptionMessage, type: Type) =>
      effectsOf(tell(message), type),
    /** Tells the result of a pull that was asked for `asked` rows. */
    pulled: (rows: readonly Delivery[], { asked = 100, nextDueAt: later = null as number | null } = {}) =>
      tell({ type: 'pulled', rows, asked, nextDueAt: later }),
    configure: (next: Partial<Subscription>) =>
      tell({ type: 'configured', subscription: { ...state.subscription, ...next } }),
    at: (moment: number) => void (now = moment),
    state: () => state,
  }
}
