import { filter, firstValueFrom, Subject } from 'rxjs'

/** While nothing changes, the server answers a change stream every second: this is far longer, and shorter than anybody waits for an answer. */
export const staleAfterMs = 30_000

/** How current the directory is. */
export interface Freshness {
  /** Time since the server last said that nothing is missing here. */
  ageMs(): number
  /** False when the directory is too old to decide anything by it. */
  isFresh(): boolean
  /** Resolves when it is fresh, also if it has to be read first. */
  untilFresh(): Promise<void>
}

export const createFreshness = (monotonicMs: () => number) => {
  const heard$ = new Subject<void>()
  let heardAt = monotonicMs()
  const ageMs = () => monotonicMs() - heardAt
  const isFresh = () => ageMs() <= staleAfterMs
  return {
    ageMs,
    isFresh,
    untilFresh: async (): Promise<void> => {
      if (!isFresh()) await firstValueFrom(heard$.pipe(filter(isFresh)))
    },
    heard: (): void => {
      heardAt = monotonicMs()
      heard$.next()
    },
  }
}
