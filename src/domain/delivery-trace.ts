import type { Attempt, Delivery } from './delivery.ts'
import type { EpochMs } from './time.ts'

/** Work within this time belongs to the event's trace; later work starts a trace of its own that links to it. */
export const sameTraceMs = 5 * 60_000

/** The place of a span in the traces: below `parent`, or, with an `originTraceId`, in a trace of its own that links to `parent`. */
export interface TracePlace {
  readonly parent: string
  readonly originTraceId: string | null
}

type Traced = Pick<Delivery, 'traceparent'>

/** The id of the trace in which the event was accepted. */
export const originTraceIdOf = ({ traceparent }: Traced): string => traceparent.slice(3, 35)

/** The span of an attempt as a W3C `traceparent`, sampled exactly if the event's trace is. */
export const traceparentOfAttempt = ({ traceparent }: Traced, { traceId, spanId }: Attempt): string =>
  `00-${traceId}-${spanId}-${traceparent.slice(-2)}`

/** An attempt within five minutes of the event belongs to the event's trace; each later one starts its own. */
export const placeOfAttempt = (row: Delivery, now: EpochMs): TracePlace => ({
  parent: row.traceparent,
  originTraceId: now - row.createdAt > sameTraceMs ? originTraceIdOf(row) : null,
})

/** A row's write belongs to the trace of the last attempt. If that attempt is long past, the write has another cause. */
export const placeOfRecord = (row: Delivery, now: EpochMs): TracePlace => {
  const last = row.attempts.at(-1)
  const isApart = last !== undefined && last.traceId !== originTraceIdOf(row)
  const isLate = now - (last?.at ?? row.createdAt) > sameTraceMs
  return {
    parent: isApart && !isLate ? traceparentOfAttempt(row, last) : row.traceparent,
    originTraceId: isLate ? originTraceIdOf(row) : null,
  }
}
