import type { Problem } from '../api/problem.ts'
import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'
import { Icon } from './icon.ts'

/** A problem as a person can use it: what it was, how to mend it, and what to tell when asking for help. */
export const ProblemNotice = ({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) =>
  html`<div class="notice bad" role="alert">
    <${Icon} name="alert" />
    <div class="notice-body">
      <p class="notice-title">${problem.title}</p>
      <p>${problem.detail}</p>
      ${others(problem)}
      <div class="notice-foot">
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
      </div>
    </div>
  </div>`

/** The detail tells the first one. */
const others = ({ errors = [] }: Problem) =>
  errors.length > 1 &&
  html`<ul>
    ${errors.slice(1).map(({ pointer, detail }) => html`<li><code>${pointer}</code> ${detail}</li>`)}
  </ul>`
