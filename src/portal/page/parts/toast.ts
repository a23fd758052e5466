import { signal } from '@preact/signals'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface Told {
  readonly id: number
  readonly text: string
}

const told = signal<readonly Told[]>([])
const shownMs = 6_000
let last = 0

/** Tells in passing that something was done: "Paused.". What went wrong belongs beside what was tried, as a ProblemNotice. */
export const toast = (text: string): void => {
  last += 1
  const id = last
  told.value = [...told.value, { id, text }]
  setTimeout(() => dismiss(id), shownMs)
}

const dismiss = (id: number): void => {
  told.value = told.value.filter(one => one.id !== id)
}

/** Where toasts are shown: once, in the frame. */
export const Toasts = () =>
  html`<div class="toasts" role="status">
    ${told.value.map(
      ({ id, text }) =>
        html`<div class="toast" key=${id}>
          <${Icon} name="check" /><span>${text}</span>
          <button type="button" aria-label="Dismiss" onClick=${() => dismiss(id)}><${Icon} name="close" /></button>
        </div>`,
    )}
  </div>`
