import type { Delivery } from '../../src/domain/delivery.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { Step } from '../kit/behaviour.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import type { SubscriptionState } from './state.ts'

export type SubscriptionStep = Step<SubscriptionState, SubscriptionEffect>
export type Message<Type extends SubscriptionMessage['type']> = Extract<SubscriptionMessage, { type: Type }>

export const just = (state: SubscriptionState): SubscriptionStep => ({ state, effects: [] })

export const record = (state: SubscriptionState, row: Delivery, stored: boolean): SubscriptionStep => ({
  state: { ...state, recording: state.recording + 1 },
  effects: [{ type: 'record', row, stored }],
})

export const earliest = (a: EpochMs | null, b: EpochMs): EpochMs => (a === null ? b : Math.min(a, b))
