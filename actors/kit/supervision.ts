import type { EpochMs } from '../../src/domain/time.ts'

/** What becomes of an actor after a fault: go on with the next message, begin anew from stored state, end, or let the parent decide. */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate'

/** How often an actor may restart before its faults are the parent's business. */
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

/** Counts restarts; a fault that asks for one more than the budget allows escalates instead. */
export const createJudge = ({ directiveFor, budget }: Supervision) => {
  let restarts: readonly EpochMs[] = []
  return (fault: unknown, now: EpochMs): Directive => {
    const directive = directiveFor(fault)
    if (directive !== 'restart') return directive
    restarts = [...restarts.filter(at => now - at < budget.withinMs), now]
    return restarts.length > budget.maxRestarts ? 'escalate' : 'restart'
  }
}
