import { Observable, type ObservableInput, from, type Subscription } from 'rxjs'

/**
 * Works on all that has arrived since the last batch began, at most `limit` values at once, one batch at a time: while the work is
 * cheap batches are small and early, under load they grow by themselves. No timer, so a lone value never waits.
 */
export const inBatches =
  <T, R>(limit: number, work: (batch: readonly T[]) => ObservableInput<R>) =>
  (source$: Observable<T>): Observable<R> =>
    new Observable(subscriber => {
      const waiting: T[] = []
      let busy = false
      let complete = false
      let current: Subscription | undefined

      const next = () => {
        if (busy) return
        if (waiting.length === 0) {
          if (complete) subscriber.complete()
          return
        }
        busy = true
        current = from(work(waiting.splice(0, limit))).subscribe({
          next: result => subscriber.next(result),
          error: error => subscriber.error(error),
          complete: () => {
            busy = false
            next()
          },
        })
      }
      const source = source$.subscribe({
        next: value => {
          waiting.push(value)
          next()
        },
        error: error => subscriber.error(error),
        complete: () => {
          complete = true
          next()
        },
      })
      return () => {
        source.unsubscribe()
        current?.unsubscribe()
      }
    })
