import type { Action } from '../hooks/use-action.ts'
import { html } from '../html.ts'
import { Dialog } from './dialog.ts'
import { ProblemNotice } from './problem-notice.ts'

interface ConfirmationProps {
  /** The question. */
  title: string
  /** What confirming does: while it runs its button is disabled, and its problem is shown here. */
  action: Pick<Action<readonly never[]>, 'isBusy' | 'problem'>
  onConfirm: () => void
  onClose: () => void
  confirmLabel: string
  busyLabel?: string
  cancelLabel?: string
  /** True: the button is red, since the action removes something. */
  isDangerous?: boolean
  /** False: the person has something to fill in before. */
  isReady?: boolean
  /** What confirming changes, and whether it can be undone; fields, if there are any. */
  children?: unknown
}

/** Asks before something is done. */
export const Confirmation = ({
  title,
  action: { isBusy, problem },
  onConfirm,
  onClose,
  confirmLabel,
  busyLabel = 'One moment…',
  cancelLabel = 'Cancel',
  isDangerous = false,
  isReady = true,
  children,
}: ConfirmationProps) =>
  html`<${Dialog}
    title=${title}
    onClose=${onClose}
    onSubmit=${() => isReady && onConfirm()}
    actions=${html`
      <button type="button" class="button ghost" onClick=${onClose}>${cancelLabel}</button>
      <button
        type="submit"
        class=${isDangerous ? 'button primary danger' : 'button primary'}
        disabled=${isBusy || !isReady}
      >
        ${isBusy ? busyLabel : confirmLabel}
      </button>
    `}
  >
    ${children} ${problem !== null && html`<${ProblemNotice} problem=${problem} />`}
  <//>`
