import { html } from '../html.ts'
import { Dialog } from './dialog.ts'
import { Secret } from './secret.ts'

interface SecretDialogProps {
  title: string
  value: string
  what: string
  /** Says that the secret is shown only now. */
  note: string
  onClose: () => void
  children?: unknown
}

/** Shows a new secret or token. Escape and a click outside do not close it: the person would lose the secret. */
export const SecretDialog = ({ title, value, what, note, onClose, children }: SecretDialogProps) =>
  html`<${Dialog}
    title=${title}
    stays
    isWide
    onClose=${onClose}
    actions=${html`<button type="button" class="button primary" onClick=${onClose}>I have saved it</button>`}
  >
    <${Secret} value=${value} what=${what}>${note}<//>
    ${children}
  <//>`
