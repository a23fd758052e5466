import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'
import { Icon } from './icon.ts'

/** Something that is shown this once: a secret, a token. */
export const Secret = ({ value, what, children }: { value: string; what: string; children?: unknown }) =>
  html`<div class="secret">
    <p class="secret-note"><${Icon} name="alert" /><span>${children}</span></p>
    <div class="secret-value">
      <code data-secret>${value}</code>
      <${CopyButton} text=${value} what=${what} label="Copy" />
    </div>
  </div>`
