import { html } from '../html.ts'
import { ProblemNotice } from './problem-notice.ts'
import type { Load } from '../hooks/use-load.ts'

/** Shows what `useLoad` reads: a placeholder, the problem, or the content, which is a function of the data. */
export const Loaded = <T>({ of: load, lines = 4, children }: LoadedProps<T>) => {
  if (load.data === null)
    return load.problem === null
      ? html`<${Skeleton} lines=${lines} />`
      : html`<${ProblemNotice} problem=${load.problem} onRetry=${load.reload} />`
  return html`${load.problem !== null && html`<${ProblemNotice} problem=${load.problem} onRetry=${load.reload} />`}
  ${children?.(load.data)}`
}

interface LoadedProps<T> {
  of: Load<T>
  /** How many lines the placeholder has. */
  lines?: number
  children?: (data: T) => unknown
}

/** Where content will be. */
export const Skeleton = ({ lines = 4 }: { lines?: number }) =>
  html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, () => html`<span></span>`)}
  </div>`
