import { html } from '../html.ts'

interface CardProps {
  title?: string
  /** Names the card for a screen reader where it shows no title. */
  label?: string
  /** What stands beside the title. */
  aside?: unknown
  /** True: the content brings its own padding, e.g. rows that reach from edge to edge. */
  isBare?: boolean
  children?: unknown
}

/** A framed section of a view. */
export const Card = ({ title, label, aside, isBare = false, children }: CardProps) =>
  html`<section class="card" aria-label=${label}>
    ${
      title &&
      html`<header class="card-head">
        <h2>${title}</h2>
        ${aside}
      </header>`
    }
    ${isBare ? children : html`<div class="card-body">${children}</div>`}
  </section>`
