import type { TimeInput } from '@opentelemetry/api'
import { hrTimeToMilliseconds, timeInputToHrTime } from '@opentelemetry/core'

/** Milliseconds since the epoch, with their fraction: of this time, or of now. */
export const momentOf = (time: TimeInput | undefined): number =>
  time === undefined ? now() : hrTimeToMilliseconds(timeInputToHrTime(time))

/** As fine as the process's clock, and never far from the wall's, which may be set anew meanwhile. */
let aheadMs = performance.timeOrigin
const farMs = 5

const now = (): number => {
  const fine = performance.now()
  const wall = Date.now()
  if (Math.abs(fine + aheadMs - wall) > farMs) aheadMs = wall - fine
  return fine + aheadMs
}
