import { signal } from '@preact/signals'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface ShownToast {
  readonly id: number
  readonly text: string
}

const shown = signal<readonly ShownToast[]>([])
const shownMs = 6_000
let last = 0

/** Shows a short confirmation for a few seconds: "Paused.". A failure is shown as a ProblemNotice beside the control instead. */
export const toast = (text: string): void => {
  last += 1
  const id = last
  shown.value = [...shown.value, { id, text }]
  setTimeout(() => dismiss(id), shownMs)
}

const dismiss = (id: number): void => {
  shown.value = shown.value.filter(one => one.id !== id)
}

/** The place where toasts appear; the layout has one. */
export const Toasts = () =>
  html`<div class="toasts" role="status">
    ${shown.value.map(
      ({ id, text }) =>
        html`<div class="toast" key=${id}>
          <${Icon} name="check" /><span>${text}</span>
          <button type="button" aria-label="Dismiss" onClick=${() => dismiss(id)}><${Icon} name="close" /></button>
        </div>`,
    )}
  </div>`
