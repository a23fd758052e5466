import { Avatar } from '../avatar.js'
import { html } from '../htm-preact.js'
import { dayOf, startOfDay, timeOf } from '../words.js'

/** The host's visits: those who are here, then by day, then earlier ones. */
export const VisitsView = ({ visits, open, onCancel, onInvite }) => {
  const today = startOfDay(Date.now())
  const inside = visits.filter(({ status }) => status === 'checked_in')
  const ahead = visits.filter(({ status, scheduledAt }) => status !== 'checked_in' && scheduledAt >= today)
  const past = visits.filter(({ status, scheduledAt }) => status !== 'checked_in' && scheduledAt < today).toReversed()
  const groups = [
    ['Here now', inside],
    ...Map.groupBy(ahead, ({ scheduledAt }) => dayOf(scheduledAt)),
    ['Earlier', past],
  ].filter(([, list]) => list.length > 0)
  return html`
    <section class="view visits" data-open=${String(open)} aria-labelledby="visits-title">
      <header><h2 class="title" id="visits-title">Your visits</h2></header>
      ${
        groups.length === 0 &&
        html`<div class="empty">
          <p>No visits yet. Choose a contact and a time to invite a visitor.</p>
          <button type="button" class="button first" onClick=${onInvite}>Invite a visitor</button>
        </div>`
      }
      ${groups.map(
        ([title, list]) => html`
          <h3 key=${`title ${title}`}>${title}</h3>
          <ul class="cards" key=${title} aria-label=${title}>
            ${list.map(visit => html`<${VisitCard} key=${visit.id} visit=${visit} dated=${title === 'Earlier'} onCancel=${onCancel} />`)}
          </ul>
        `,
      )}
    </section>
  `
}

const statusWords = {
  planned: () => 'Expected',
  checked_in: visit => `Here since ${timeOf(visit.checkedInAt)}`,
  checked_out: visit => `Left at ${timeOf(visit.checkedOutAt)}`,
  cancelled: () => 'Cancelled',
  missed: () => 'Did not arrive',
}

const VisitCard = ({ visit, dated, onCancel }) => {
  const { visitor, status, scheduledAt } = visit
  const kind = { checked_in: 'inside', planned: '', cancelled: 'over cancelled' }[status] ?? 'over'
  return html`
    <li class=${`card ${kind}`}>
      <${Avatar} name=${visitor.name} />
      <div class="what">
        <p class="who">${visitor.name}</p>
        <p class="soft small">${visitor.company}</p>
        <p class="when small">
          <time datetime=${new Date(scheduledAt).toISOString()}>
            ${dated ? `${dayOf(scheduledAt)}, ` : ''}${timeOf(scheduledAt)}
          </time>
          <span class=${`badge ${status}`}>${statusWords[status](visit)}</span>
        </p>
      </div>
      ${
        visit.cancellable &&
        html`<button
          type="button"
          class="button quiet"
          aria-label=${`Cancel the visit of ${visitor.name}`}
          onClick=${() => onCancel(visit)}
        >
          Cancel
        </button>`
      }
    </li>
  `
}
