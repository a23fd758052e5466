import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'

/** Code or JSON to read and to copy; `what` names it: "the sample". It scrolls by itself, also by keyboard. */
export const CodeBlock = ({ code, what }: { code: string; what: string }) =>
  html`<div class="code-block">
    <pre tabindex="0" role="region" aria-label=${what}><code>${code}</code></pre>
    <${CopyButton} text=${code} what=${what} />
  </div>`

/** JSON as people read it. */
export const prettyJson = (value: unknown): string => JSON.stringify(value, null, 2)
