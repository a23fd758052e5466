import type { Moment } from '../../src/domain/time.ts'

/** The result of one message: the next state, and effects for the performers. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Decides and does nothing else: the same state, message and moment always give the same step. */
export type Behaviour<State, Message, Effect> = (state: State, message: Message, moment: Moment) => Step<State, Effect>
