import type { EpochMs } from '../../src/domain/time.ts'

/** What follows a fault: continue with the next message, restart from stored state, end, or leave the decision to the parent. */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate'

/** How often an actor may restart before its faults become the parent's concern. */
export interface RestartBudget {
  readonly maxRestarts: number
  readonly withinMs: number
}

export interface Supervision {
  readonly directiveFor: (fault: unknown) => Directive
  readonly budget: RestartBudget
}

/** Restarts on any fault, five times a minute: a passing defect heals, a permanent one surfaces within seconds. */
export const restartOnFault: Supervision = {
  directiveFor: () => 'restart',
  budget: { maxRestarts: 5, withinMs: 60_000 },
}

/** Counts restarts; a fault that needs one more than the budget allows escalates instead. */
export const createJudge = ({ directiveFor, budget }: Supervision) => {
  let restarts: readonly EpochMs[] = []
  return (fault: unknown, now: EpochMs): Directive => {
    const directive = directiveFor(fault)
    if (directive !== 'restart') return directive
    restarts = [...restarts.filter(at => now - at < budget.withinMs), now]
    return restarts.length > budget.maxRestarts ? 'escalate' : 'restart'
  }
}

/** A fault with the directive that was given for it. */
export class Judged {
  readonly fault: unknown
  readonly directive: Directive
  constructor(fault: unknown, directive: Directive) {
    this.fault = fault
    this.directive = directive
  }
}
