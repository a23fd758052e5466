import { html } from '../html.ts'

/** A placeholder for content that is being loaded. */
export const Skeleton = ({ lines = 4 }: { lines?: number }) =>
  html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, () => html`<span></span>`)}
  </div>`
