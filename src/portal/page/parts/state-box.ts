import { html } from '../html.ts'
import type { Tone } from './status-badge.ts'

interface StateBoxProps {
  tone: Tone
  /** Names the box for a screen reader. */
  label: string
  /** The badge, and a few words beside it. */
  line: unknown
  /** True: a screen reader announces when the line changes. */
  isAnnounced?: boolean
  /** The reasons, one `<p>` each. */
  children?: unknown
}

/** The state of the thing that a view is about, at the top of the view. */
export const StateBox = ({ tone, label, line, isAnnounced = false, children }: StateBoxProps) =>
  html`<section class=${`state ${tone}`} aria-label=${label}>
    <div class="state-line" role=${isAnnounced ? 'status' : undefined}>${line}</div>
    ${children}
  </section>`
