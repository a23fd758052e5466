import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'

/** Code or JSON with a copy button. `what` names it: "the sample". It scrolls on its own and can be scrolled by keyboard. */
export const CodeBlock = ({ code, what }: { code: string; what: string }) =>
  html`<div class="code-block">
    <pre tabindex="0" role="region" aria-label=${what}><code>${code}</code></pre>
    <${CopyButton} text=${code} what=${what} />
  </div>`

/** Indented JSON. */
export const prettyJson = (value: unknown): string => JSON.stringify(value, null, 2)
