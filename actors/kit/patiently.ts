import { Observable } from 'rxjs'

export interface Patience {
  /** True for a failure that passes by itself, such as a database that is away: the work waits and is done again. */
  readonly passes: (error: unknown) => boolean
  readonly onWait: (error: unknown, delayMs: number) => void
  /** Default 100; doubles from one time to the next. */
  readonly firstDelayMs?: number
  /** Default 5,000. */
  readonly maxDelayMs?: number
}

/** Does work again, for as long as it takes, when it failed for a reason that passes; any other failure goes on. */
export const patiently = <T>(
  { passes, onWait, firstDelayMs = 100, maxDelayMs = 5_000 }: Patience,
  work: () => Promise<T>,
): Observable<T> =>
  new Observable(subscriber => {
    let waiting: NodeJS.Timeout | undefined
    const done = (value: T) => {
      subscriber.next(value)
      subscriber.complete()
    }
    const attempt = (delayMs: number): void => {
      work().then(done, (error: unknown) => {
        if (subscriber.closed) return
        if (!passes(error)) return subscriber.error(error)
        onWait(error, delayMs)
        waiting = setTimeout(attempt, delayMs, Math.min(delayMs * 2, maxDelayMs))
      })
    }
    attempt(firstDelayMs)
    return () => clearTimeout(waiting)
  })
