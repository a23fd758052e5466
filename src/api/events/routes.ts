import { Failure } from '../../domain/failure.ts'
import { limits } from '../../domain/limits.ts'
import type { VisitEvent } from '../../domain/event.ts'
import type { EpochMs } from '../../domain/time.ts'
import { type ProblemDeps, problemOf } from '../http/problem.ts'
import type { Operations } from '../operation/operations.ts'
import { eventOperations } from './operations.ts'
import { createVisitPace, type VisitPaceDeps } from './visit-pace.ts'

export interface EventDeps extends ProblemDeps, VisitPaceDeps {
  /** Throws a Failure for a value that is not a valid event. */
  readonly readPosted: (tenant: string, value: unknown, now: EpochMs, newId: () => string) => VisitEvent
  readonly accept: (event: VisitEvent) => Promise<{ readonly id: string; readonly duplicate: boolean }>
  readonly now: () => EpochMs
}

/** Publishing events. */
export const eventRoutes = (operations: Operations, deps: EventDeps): void => {
  const { readPosted, trace, now } = deps
  const accept = createVisitPace(deps, deps.accept)

  operations.add(eventOperations.post, async ({ params: { tenant }, state: { body, identity } }) => {
    const event = readPosted(tenant, body, now(), () => identity.id('evt'))
    const traceId = trace()?.traceId ?? null
    const { id, duplicate } = await accept(event)
    return { id, duplicate, traceId }
  })

  operations.add(eventOperations.postBatch, async ({ params: { tenant }, state: { body, identity } }) => {
    const traceId = trace()?.traceId ?? null
    const acceptOne = async (value: unknown, nth: number) => {
      try {
        const event = readPosted(tenant, value, now(), () => identity.id('evt', nth))
        refuseLarge(value)
        return await accept(event)
      } catch (error) {
        return problemOf(deps, error)
      }
    }
    return { results: await Promise.all(body.events.map(acceptOne)), traceId }
  })
}

const refuseLarge = (value: unknown): void => {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > limits.eventBytes)
    throw new Failure(
      'payload_too_large',
      `The event is ${bytes} bytes; the limit is ${limits.eventBytes} bytes (64 KiB).`,
    )
}
