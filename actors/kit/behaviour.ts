import type { Moment } from '../../src/domain/time.ts'

/** What a behaviour made of one message: its next state, and orders for the performers. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Decides and does nothing else: the same state, message and moment give the same step. */
export type Behaviour<State, Message, Effect> = (state: State, message: Message, moment: Moment) => Step<State, Effect>
