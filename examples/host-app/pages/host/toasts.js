import { html } from '../htm-preact.js'
import { icons } from './icons.js'

/** The latest arrivals, above everything else. */
export const Toasts = ({ toasts, onDismiss }) =>
  html`<div class="toasts" role="alert">
    ${toasts.map(
      toast => html`
        <div class="toast arrives" key=${toast.id}>
          <span class="bell">${icons.bell}</span>
          <div class="what">
            <p class="who">${toast.title}</p>
            <p class="soft small">${toast.text}</p>
          </div>
          <button type="button" class="close" aria-label=${`Dismiss: ${toast.title}`} onClick=${() => onDismiss(toast)}>
            ${icons.close}
          </button>
        </div>
      `,
    )}
  </div>`
