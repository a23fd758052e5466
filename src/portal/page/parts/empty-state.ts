import { html } from '../html.ts'

interface Empty {
  title: string
  /** What would be here, and what to do so that it is. */
  children?: unknown
  /** Buttons or links. */
  actions?: unknown
}

/** Where a list has nothing yet. */
export const EmptyState = ({ title, children, actions }: Empty) =>
  html`<div class="empty">
    <p class="empty-title">${title}</p>
    <div class="empty-text">${children}</div>
    ${actions && html`<div class="actions">${actions}</div>`}
  </div>`
