import { isAway } from '../../src/domain/failure.ts'
import type { EpochMs } from '../../src/domain/time.ts'

/**
 * What follows a fault: continue with the next message, restart from stored state, restart after a long pause, end, or leave the decision to
 * the parent.
 */
export type Directive = 'resume' | 'restart' | 'pause' | 'stop' | 'escalate'

/** How often an actor may restart before its faults become the parent's concern. */
export interface RestartBudget {
  readonly maxRestarts: number
  readonly withinMs: number
}

export interface Supervision {
  readonly directiveFor: (fault: unknown) => Directive
  /** True for a fault that passes by itself, as while a server is away: it restarts, ever later, and uses up nothing of the budget. */
  readonly passes: (fault: unknown) => boolean
  readonly budget: RestartBudget
  /** What follows when the budget is used up. */
  readonly exhausted: 'escalate' | 'pause'
}

/** Restarts on any fault, five times a minute: a passing defect heals, a permanent one surfaces within seconds. */
export const restartOnFault: Supervision = {
  directiveFor: () => 'restart',
  passes: isAway,
  budget: { maxRestarts: 5, withinMs: 60_000 },
  exhausted: 'escalate',
}

/** The same, for work that nobody else could do better: a permanent defect pauses it and nothing else, and it is tried again. */
export const pauseOnDefect: Supervision = { ...restartOnFault, exhausted: 'pause' }

/** The directive for one fault, and how long a restart waits. */
export interface Verdict {
  readonly directive: Directive
  readonly delayMs: number
}

/** A restart waits this long, so that a fault at start does not spin. */
const restartDelayMs = 100
/** While a server is away: from a tenth of a second, doubled up to five seconds, until a minute without such a fault. */
const passing = { firstMs: restartDelayMs, maxMs: 5_000, calmMs: 60_000 }
/** After a used up budget: from half a minute, doubled up to five minutes, until a quarter of an hour without such a pause. */
const pausing = { firstMs: 30_000, maxMs: 300_000, calmMs: 900_000 }

/** Counts restarts; a fault that needs one more than the budget allows escalates, or pauses, instead. */
export const createJudge = ({ directiveFor, passes, budget, exhausted }: Supervision) => {
  let restarts: readonly EpochMs[] = []
  const nextPassing = createBackoff(passing)
  const nextPause = createBackoff(pausing)
  return (fault: unknown, now: EpochMs): Verdict => {
    const directive = directiveFor(fault)
    if (directive === 'pause') return { directive, delayMs: nextPause(now) }
    if (directive !== 'restart') return { directive, delayMs: restartDelayMs }
    if (passes(fault)) return { directive, delayMs: nextPassing(now) }
    restarts = [...restarts.filter(at => now - at < budget.withinMs), now]
    if (restarts.length <= budget.maxRestarts) return { directive, delayMs: restartDelayMs }
    if (exhausted === 'escalate') return { directive: exhausted, delayMs: 0 }
    restarts = []
    return { directive: exhausted, delayMs: nextPause(now) }
  }
}

/** Returns delays that double from one call to the next, and begin again after a calm time. */
const createBackoff = ({ firstMs, maxMs, calmMs }: typeof passing) => {
  let delayMs = 0
  let endsAt = -Infinity
  return (now: EpochMs): number => {
    delayMs = now - endsAt > calmMs || delayMs === 0 ? firstMs : Math.min(delayMs * 2, maxMs)
    endsAt = now + delayMs
    return delayMs
  }
}

/** A fault with the verdict that was given for it. */
export class Judged {
  readonly fault: unknown
  readonly directive: Directive
  readonly delayMs: number
  constructor(fault: unknown, { directive, delayMs }: Verdict) {
    this.fault = fault
    this.directive = directive
    this.delayMs = delayMs
  }
}
