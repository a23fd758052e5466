import { EMPTY, ignoreElements, type Observable, retry, Subject, takeUntil, throwError, timer } from 'rxjs'
import type { Clock } from './clock.ts'
import { createJudge, type Directive, type Supervision } from './supervision.ts'

export interface PipelineSpec {
  readonly name: string
  /** Every restart subscribes again. Completes when its source has ended and all its work is done. */
  readonly pipeline$: Observable<unknown>
  readonly clock: Clock
  readonly supervision: Supervision
  /** Receives every fault with the directive that followed, and how long a restart waits. */
  readonly onFault: (fault: unknown, directive: Directive, delayMs: number) => void
}

/** A running pipeline, from outside. */
export interface PipelineRef {
  readonly name: string
  /** Resolves when the pipeline has completed, was stopped or killed; rejects when a fault escalated. */
  readonly ended: Promise<void>
  kill(): void
}

/** Runs a stream under supervision, for work that needs no state and no decisions. */
export const runPipeline = (spec: PipelineSpec): PipelineRef => {
  const judge = createJudge(spec.supervision)
  const killed$ = new Subject<void>()
  const afterFault = (fault: unknown) => {
    const { directive, delayMs } = judge(fault, spec.clock().now)
    spec.onFault(fault, directive, delayMs)
    if (directive === 'stop') return EMPTY
    return directive === 'escalate' ? throwError(() => fault) : timer(delayMs)
  }
  const ended = new Promise<void>((resolve, reject) => {
    spec.pipeline$
      .pipe(ignoreElements(), retry({ delay: afterFault }), takeUntil(killed$))
      .subscribe({ error: reject, complete: resolve })
  })
  return { name: spec.name, ended, kill: () => killed$.next() }
}
