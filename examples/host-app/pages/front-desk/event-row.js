import { html } from '../htm-preact.js'
import { timeOf } from '../words.js'

/** An event that was published to Doorbell, with its trace id, or that is waiting to be. */
export const EventRow = ({ event: { timestamp, type, visitor, traceId } }) => html`
  <li class="row">
    <span class="soft">${timeOf(new Date(timestamp))}</span>
    <code>${type}</code>
    <span class="whom">${visitor}</span>
    ${
      traceId === null
        ? html`<span class="badge missed">waiting</span>`
        : html`<span class="badge checked_in" title=${`trace ${traceId}`}
            >202 <code>${traceId.slice(0, 8)}</code></span
          >`
    }
  </li>
`
