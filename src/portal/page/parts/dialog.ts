import { useEffect, useId, useRef } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface DialogProps {
  title: string
  onClose: () => void
  /** Buttons, the one that does it last. */
  actions?: unknown
  /** True: it is closed by its buttons alone, e.g. since a secret is shown once. */
  stays?: boolean
  /** A form that is sent by a `type="submit"` button among the actions. */
  onSubmit?: (() => void) | undefined
  isWide?: boolean
  children?: unknown
}

/** A question or a result over the page: shown while it is rendered. The browser keeps the focus in it and gives it back. */
export const Dialog = ({ title, onClose, actions, stays = false, onSubmit, isWide = false, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const shown = dialog.current
    const before = document.activeElement
    shown?.showModal()
    // The button that closes it comes first, and is not what it was opened for.
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
