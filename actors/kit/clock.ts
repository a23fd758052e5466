import type { Moment } from '../../src/domain/time.ts'

/** The source of an actor's moments. Tests supply their own. */
export type Clock = () => Moment

export const systemClock: Clock = () => ({ now: Date.now(), chance: Math.random() })
