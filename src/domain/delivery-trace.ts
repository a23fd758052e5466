import type { Attempt, Delivery } from './delivery.ts'
import type { EpochMs } from './time.ts'

/** What happens within this time of the last stays in its trace; what comes later begins one of its own that links to it. */
const sameTraceMs = 5 * 60_000

/** Where work on a delivery shows: under `parent`, or, when `originTraceId` is given, in a trace of its own that links to it. */
export interface TracePlace {
  readonly parent: string
  readonly originTraceId: string | null
}

type Traced = Pick<Delivery, 'traceparent'>

/** The id of the trace in which the event came. */
export const originTraceIdOf = ({ traceparent }: Traced): string => traceparent.slice(3, 35)

/** The span of an attempt as a W3C `traceparent`, kept exactly if the event's own is. */
export const traceparentOfAttempt = ({ traceparent }: Traced, { traceId, spanId }: Attempt): string =>
  `00-${traceId}-${spanId}-${traceparent.slice(-2)}`

/** An attempt within five minutes of the event shows under it; each later one in a trace of its own. */
export const placeOfAttempt = (row: Delivery, now: EpochMs): TracePlace => ({
  parent: row.traceparent,
  originTraceId: now - row.createdAt > sameTraceMs ? originTraceIdOf(row) : null,
})

/** A row's write shows where its last attempt does, unless that is long ago: then it has another reason. */
export const placeOfRecord = (row: Delivery, now: EpochMs): TracePlace => {
  const last = row.attempts.at(-1)
  const isApart = last !== undefined && last.traceId !== originTraceIdOf(row)
  const isLate = now - Math.max(row.createdAt, last?.at ?? 0) > sameTraceMs
  return {
    parent: isApart && !isLate ? traceparentOfAttempt(row, last) : row.traceparent,
    originTraceId: isLate ? originTraceIdOf(row) : null,
  }
}
