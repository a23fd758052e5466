import { html } from '../html.ts'
import { Icon } from './icon.ts'

/** Short codes side by side, e.g. event types or scopes. */
export const Chips = ({ texts }: { texts: readonly string[] }) =>
  html`<span class="chips">${texts.map(text => html`<code class="chip" key=${text}>${text}</code>`)}</span>`

interface RemovableChipProps {
  /** Names the button for a screen reader: "Remove visit.*". */
  removeLabel: string
  onRemove: () => void
  children?: unknown
}

/** A chip with a button that removes it. */
export const RemovableChip = ({ removeLabel, onRemove, children }: RemovableChipProps) =>
  html`<span class="chip removable">
    ${children}
    <button type="button" aria-label=${removeLabel} onClick=${onRemove}><${Icon} name="close" /></button>
  </span>`
