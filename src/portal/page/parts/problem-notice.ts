import type { Problem } from '../api/problem.ts'
import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'
import { Notice } from './notice.ts'

/** A problem of the API or of this page: what went wrong, how to fix it, and the trace id for a support request. */
export const ProblemNotice = ({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) =>
  html`<${Notice}
    tone="bad"
    role="alert"
    title=${problem.title}
    foot=${html`
      ${onRetry && html`<button type="button" class="button small" onClick=${onRetry}>Try again</button>`}
      ${
        problem.type !== 'about:blank' &&
        html`<a href=${`/problems/${problem.code}`} target="_blank" rel="noopener">What this means</a>`
      }
      ${
        problem.traceId !== null &&
        html`<span class="trace"
          >Trace <code>${problem.traceId}</code> <${CopyButton} text=${problem.traceId} what="the trace id"
        /></span>`
      }
    `}
  >
    <p>${problem.detail}</p>
    ${furtherErrors(problem)}
  <//>`

/** The detail describes the first error. */
const furtherErrors = ({ errors = [] }: Problem) =>
  errors.length > 1 &&
  html`<ul>
    ${errors.slice(1).map(({ pointer, detail }) => html`<li><code>${pointer}</code> ${detail}</li>`)}
  </ul>`
