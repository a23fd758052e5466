import { html } from '../html.ts'
import { CopyButton } from './copy-button.ts'

interface CopyableProps {
  text: string
  /** Names it for a screen reader: "the event id". */
  what: string
  href?: string
}

/** An id or an address with a button that copies it, and a link where it has a page. */
export const Copyable = ({ text, what, href }: CopyableProps) =>
  html`<span class="copyable">
    ${href === undefined ? html`<code>${text}</code>` : html`<a href=${href}><code>${text}</code></a>`}
    <${CopyButton} text=${text} what=${what} />
  </span>`
