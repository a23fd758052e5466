import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../api/client.ts'
import { type Problem, problemFrom } from '../api/problem.ts'
import type { Page } from '../api/shapes.ts'

/** A list that is read page by page. `items` is null until the first page has arrived. */
export interface Pages<T> {
  readonly items: readonly T[] | null
  readonly problem: Problem | null
  readonly isReading: boolean
  readonly hasMore: boolean
  readonly more: () => void
  /** Reads the first page again. */
  readonly reload: () => void
  /** Changes what is shown without reading, e.g. for live updates. */
  readonly change: (changed: (items: readonly T[]) => readonly T[]) => void
}

type Query = Readonly<Record<string, string | number | undefined>>

/** Reads a cursor list of the API. It starts again from the first page when the path or the query changes. */
export const usePages = <T>(path: string, query: Query = {}): Pages<T> => {
  const [state, setState] = useState<Omit<Pages<T>, 'more' | 'reload' | 'change'> & { readonly next: string | null }>(
    start,
  )
  const current = useRef<AbortController | null>(null)
  const wanted = JSON.stringify([path, query])

  const read = useCallback(
    (cursor: string | null) => {
      current.current?.abort()
      const controller = new AbortController()
      current.current = controller
      setState(before => ({ ...before, isReading: true, problem: null }))
      void readPage<T>(path, { ...query, cursor: cursor ?? undefined }, controller.signal).then(answer =>
        setState(before => {
          if (controller.signal.aborted) return before
          if ('problem' in answer) return { ...before, problem: answer.problem, isReading: false }
          const items = cursor === null ? answer.items : [...(before.items ?? []), ...answer.items]
          return { items, next: answer.next, hasMore: answer.next !== null, problem: null, isReading: false }
        }),
      )
    },
    [wanted],
  )
  useEffect(() => {
    setState(start)
    read(null)
    return () => current.current?.abort()
  }, [wanted])

  return {
    ...state,
    more: () => read(state.next),
    reload: () => read(null),
    change: changed =>
      setState(before => (before.items === null ? before : { ...before, items: changed(before.items) })),
  }
}

const start = { items: null, problem: null, isReading: true, hasMore: false, next: null }

const readPage = <T>(path: string, query: Query, signal: AbortSignal): Promise<Page<T> | { problem: Problem }> =>
  get<Page<T>>(path, { query, signal }).catch((error: unknown) => ({ problem: problemFrom(error) }))
