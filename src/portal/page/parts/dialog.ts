import { useEffect, useId, useRef } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface DialogProps {
  title: string
  onClose: () => void
  /** The buttons; the one that acts comes last. */
  actions?: unknown
  /** True: only its buttons close it, e.g. because it shows a secret that cannot be shown again. */
  stays?: boolean
  /** Runs when a `type="submit"` button among the actions is pressed, or Enter in a field. */
  onSubmit?: (() => void) | undefined
  isWide?: boolean
  children?: unknown
}

/** A modal dialog. It is open as long as it is rendered; the browser keeps the focus inside, and closing returns the focus. */
export const Dialog = ({ title, onClose, actions, stays = false, onSubmit, isWide = false, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const shown = dialog.current
    const before = document.activeElement
    shown?.showModal()
    // The close button is the first in the order of tabs, but the person opened the dialog for its content.
    shown?.querySelector<HTMLElement>('.dialog-content :is(input, select, button), footer button')?.focus()
    return () => {
      shown?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const cancel = (event: Event) => {
    event.preventDefault()
    if (!stays) onClose()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    onSubmit?.()
  }
  return html`<dialog
    ref=${dialog}
    class=${isWide ? 'wide' : ''}
    aria-labelledby=${id}
    onCancel=${cancel}
    onClick=${(event: MouseEvent) => event.target === dialog.current && cancel(event)}
  >
    <form class="dialog-body" novalidate onSubmit=${submit}>
      <header>
        <h2 id=${id}>${title}</h2>
        ${
          !stays &&
          html`<button type="button" class="button ghost small" aria-label="Close" onClick=${onClose}>
            <${Icon} name="close" />
          </button>`
        }
      </header>
      <div class="dialog-content">${children}</div>
      ${actions && html`<footer class="actions">${actions}</footer>`}
    </form>
  </dialog>`
}
