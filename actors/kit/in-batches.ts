import { defer, EMPTY, exhaustMap, type Observable, type ObservableInput, of, repeat, tap } from 'rxjs'

/**
 * Works on all values that arrived since the last batch began, one batch of at most `limit` values at a time. While the work is quick,
 * batches are small and early; under load they grow. There is no timer, so a lone value never waits.
 */
export const inBatches =
  <T, R>(limit: number, work: (batch: readonly T[]) => ObservableInput<R>) =>
  (source$: Observable<T>): Observable<R> =>
    defer(() => {
      const waiting: T[] = []
      const batch$ = defer(() => work(waiting.splice(0, limit)))
      return source$.pipe(
        tap(value => waiting.push(value)),
        // The first value starts a round of batches; the round takes in the values that arrive while it lasts.
        exhaustMap(() => batch$.pipe(repeat({ delay: () => (waiting.length > 0 ? of(null) : EMPTY) }))),
      )
    })
