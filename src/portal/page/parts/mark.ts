import { html } from '../html.ts'

/** Doorbell’s logo: a bell push. */
export const Mark = () =>
  html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect class="plate" x="5" y="1" width="22" height="30" rx="7" />
    <circle class="ring" cx="16" cy="16" r="7" />
    <circle class="push" cx="16" cy="16" r="3.4" />
  </svg>`
