import type { Load } from '../hooks/use-load.ts'
import { html } from '../html.ts'
import { ProblemNotice } from './problem-notice.ts'
import { Skeleton } from './skeleton.ts'

interface LoadedProps<T> {
  of: Load<T>
  /** How many lines the placeholder has. */
  lines?: number
  children?: (data: T) => unknown
}

/** Shows what `useLoad` reads: a placeholder, the problem, or the content, which is a function of the data. */
export const Loaded = <T>({ of: load, lines = 4, children }: LoadedProps<T>) => {
  const problem = load.problem !== null && html`<${ProblemNotice} problem=${load.problem} onRetry=${load.reload} />`
  if (load.data === null) return problem || html`<${Skeleton} lines=${lines} />`
  return html`${problem} ${children?.(load.data)}`
}
