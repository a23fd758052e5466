import { defer, type Observable, retry, timer } from 'rxjs'

export interface Patience {
  /** True for a failure that passes by itself, such as an unreachable database: the work waits and is repeated. */
  readonly passes: (error: unknown) => boolean
  readonly onWait: (error: unknown, delayMs: number) => void
  /** Default 100; doubles with each repetition. */
  readonly firstDelayMs?: number
  /** Default 5,000. */
  readonly maxDelayMs?: number
}

/** Repeats work for as long as it fails for a reason that passes. Any other failure becomes the stream's error. */
export const patiently = <T>(
  { passes, onWait, firstDelayMs = 100, maxDelayMs = 5_000 }: Patience,
  work: () => Promise<T>,
): Observable<T> =>
  defer(work).pipe(
    retry({
      delay: (error: unknown, failures) => {
        if (!passes(error)) throw error
        const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs)
        onWait(error, delayMs)
        return timer(delayMs)
      },
    }),
  )
