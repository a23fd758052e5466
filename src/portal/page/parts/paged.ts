import type { Pages } from '../hooks/use-pages.ts'
import { html } from '../html.ts'
import { ProblemNotice } from './problem-notice.ts'
import { Skeleton } from './skeleton.ts'

interface PagedProps<T> {
  of: Pages<T>
  /** What stands in place of an empty list. */
  empty: unknown
  children?: (items: readonly T[]) => unknown
}

/** Shows what `usePages` reads, with a button that loads the next page. */
export const Paged = <T>({ of: pages, empty, children }: PagedProps<T>) => {
  const { items, problem, isReading, hasMore, more, reload } = pages
  if (items === null)
    return problem === null
      ? html`<${Skeleton} lines=${6} />`
      : html`<${ProblemNotice} problem=${problem} onRetry=${reload} />`
  return html`
    ${items.length === 0 ? empty : children?.(items)}
    ${problem !== null && html`<${ProblemNotice} problem=${problem} onRetry=${hasMore ? more : reload} />`}
    ${
      hasMore &&
      html`<div class="more">
        <button type="button" class="button" disabled=${isReading} onClick=${more}>
          ${isReading ? 'Loading…' : 'Show more'}
        </button>
      </div>`
    }
  `
}
