import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemFrom } from '../api/problem.ts'

/** Something that is read from the API: what there is of it, and what went wrong with it last. */
export interface Load<T> {
  readonly data: T | null
  /** With data: reading it anew failed, and what is shown is old. */
  readonly problem: Problem | null
  readonly reload: () => void
  /** After a change of ours: shows this until the next reading. */
  readonly put: (data: T) => void
  /** The same where what is shown by then counts, e.g. since live updates come in between. */
  readonly change: (changed: (shown: T | null) => T | null) => void
}

/**
 * Reads when shown, when `inputs` change, and every `refreshMs` while the page is seen and when it is seen again. An answer that comes too late, after another
 * reading began, is dropped.
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
