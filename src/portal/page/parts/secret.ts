import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'
import { Icon } from './icon.ts'

/** A secret or token that Doorbell shows only once; the children say so. `what` names it: "the token". */
export const Secret = ({ value, what, children }: { value: string; what: string; children?: unknown }) =>
  html`<div class="secret">
    <p class="secret-note"><${Icon} name="alert" /><span>${children}</span></p>
    <div class="secret-value">
      <code data-secret>${value}</code>
      <${CopyButton} text=${value} what=${what} label="Copy" />
    </div>
  </div>`
