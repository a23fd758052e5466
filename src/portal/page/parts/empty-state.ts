import { html } from '../html.ts'

interface EmptyStateProps {
  title: string
  /** What would be here, and how to get it. */
  children?: unknown
  /** Buttons or links. */
  actions?: unknown
}

/** Stands in place of a list that is empty. */
export const EmptyState = ({ title, children, actions }: EmptyStateProps) =>
  html`<div class="empty">
    <p class="empty-title">${title}</p>
    <div class="empty-text">${children}</div>
    ${actions && html`<div class="actions">${actions}</div>`}
  </div>`
