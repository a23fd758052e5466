import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemFrom } from '../api/problem.ts'

/** Data that is read from the API, and the problem of the last attempt to read it. */
export interface Load<T> {
  /** Null until the first answer. */
  readonly data: T | null
  /** With data: refreshing failed, and the data is out of date. */
  readonly problem: Problem | null
  readonly reload: () => void
  /** Shows `data` until the next refresh: for the answer to a change that the person made. */
  readonly put: (data: T) => void
  /** The same with a function of what is shown when it runs, e.g. because live updates arrive in between. */
  readonly change: (changed: (shown: T | null) => T | null) => void
}

/**
 * Reads when the component is shown, when `inputs` change, every `refreshMs` while the page is visible, and when it becomes visible again. An answer that
 * arrives after a later read has started is dropped.
 */
export const useLoad = <T>(
  read: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
  { refreshMs }: { readonly refreshMs?: number } = {},
): Load<T> => {
  const [state, setState] = useState<{ data: T | null; problem: Problem | null }>({ data: null, problem: null })
  const current = useRef<AbortController | null>(null)
  const reading = useRef(read)
  reading.current = read

  const reload = useCallback(() => {
    current.current?.abort()
    const controller = new AbortController()
    current.current = controller
    reading
      .current(controller.signal)
      .then(data => !controller.signal.aborted && setState({ data, problem: null }))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setState(({ data }) => ({ data, problem: problemFrom(error) }))
      })
  }, [])
  const put = useCallback((data: T) => {
    current.current?.abort()
    setState({ data, problem: null })
  }, [])

  const change = useCallback((changed: (shown: T | null) => T | null) => {
    current.current?.abort()
    setState(({ data }) => ({ data: changed(data), problem: null }))
  }, [])

  useEffect(() => {
    setState({ data: null, problem: null })
    reload()
    return () => current.current?.abort()
  }, inputs)
  useEffect(() => {
    if (refreshMs === undefined) return undefined
    const refresh = () => document.hidden || reload()
    const timer = setInterval(refresh, refreshMs)
    document.addEventListener('visibilitychange', refresh)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', refresh)
    }
  }, [refreshMs])

  return { ...state, reload, put, change }
}
