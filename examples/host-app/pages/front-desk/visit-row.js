import { Avatar } from '../avatar.js'
import { html } from '../htm-preact.js'
import { dayOf, startOfDay, timeOf } from '../words.js'

export const nameOf = ({ firstName, lastName }) => `${firstName} ${lastName}`

/** A visit with a button for `action` (its label, and what it runs), or without one its outcome. */
export const VisitRow = ({ visit, now, busy, action }) => {
  const { visitor, host, status, scheduledAt } = visit
  const name = nameOf(visitor)
  return html`
    <li class=${action === undefined ? `row over ${status}` : 'row'}>
      <${Avatar} name=${name} />
      <span class="at">
        ${timeOf(scheduledAt)}
        ${startOfDay(scheduledAt) > startOfDay(now) && html`<br /><span class="soft small">${dayOf(scheduledAt)}</span>`}
      </span>
      <div>
        <p class="who">${name}</p>
        <p class="soft small">${visitor.company} · to see ${host.name}</p>
      </div>
      ${
        action === undefined
          ? html`<span class="badge">${outcomeOf(visit)}</span>`
          : html`<button
              type="button"
              class=${action.isFirst ? 'button first' : 'button'}
              disabled=${busy}
              aria-label=${`${action.label} ${name}`}
              onClick=${() => action.run(visit)}
            >
              ${action.label}
            </button>`
      }
    </li>
  `
}

const outcomeOf = ({ status, checkedOutAt }) =>
  status === 'cancelled' ? 'Cancelled' : `Left at ${timeOf(checkedOutAt)}`
