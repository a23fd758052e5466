import { defer, type MonoTypeOperatorFunction, type ObservableInput, retry, throwError, timer } from 'rxjs'

export interface Patience {
  /** True for a failure that passes by itself, such as a database that is away: the work waits and is done again. */
  readonly passes: (error: unknown) => boolean
  readonly onWait: (error: unknown, delayMs: number) => void
  readonly firstDelayMs?: number
  readonly maxDelayMs?: number
}

/** Does work again, for as long as it takes, when it failed for a reason that passes; any other failure goes on. */
export const withPatience = <T>({
  passes,
  onWait,
  firstDelayMs = 100,
  maxDelayMs = 5_000,
}: Patience): MonoTypeOperatorFunction<T> =>
  retry({
    resetOnSuccess: true,
    delay: (error: unknown, count) => {
      if (!passes(error)) return throwError(() => error)
      const delayMs = Math.min(firstDelayMs * 2 ** (count - 1), maxDelayMs)
      onWait(error, delayMs)
      return timer(delayMs)
    },
  })

/** `withPatience` for a function that is called anew at each try. */
export const patiently = <T>(patience: Patience, work: () => ObservableInput<T>) =>
  defer(work).pipe(withPatience(patience))
