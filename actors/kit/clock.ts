import type { Moment } from '../../src/domain/time.ts'

/** Where an actor gets its moments from. Tests give their own. */
export type Clock = () => Moment

export const systemClock: Clock = () => ({ now: Date.now(), chance: Math.random() })
