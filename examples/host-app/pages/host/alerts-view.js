import { html, useState } from '../htm-preact.js'
import { dayOf, startOfDay, timeOf } from '../words.js'

const shownCount = 10

/** The latest arrivals. */
export const AlertsView = ({ notifications, unread, open, onRead }) => html`
  <section class="view alerts" data-open=${String(open)} aria-labelledby="alerts-title">
    <header>
      <h2 class="title" id="alerts-title">Alerts</h2>
      ${unread > 0 && html`<button type="button" class="button quiet small" onClick=${onRead}>Mark as read</button>`}
    </header>
    <${Permission} />
    ${notifications.length === 0 && html`<p class="empty">When a visitor of yours arrives, it appears here at once.</p>`}
    <ul class="cards" aria-label="Arrivals">
      ${notifications.slice(0, shownCount).map(
        one => html`
          <li class=${`card ${one.read ? '' : 'unread'}`} key=${one.id}>
            <div class="what">
              <p class="who">${one.title}</p>
              <p class="soft small">${one.text}</p>
            </div>
            <time class="soft small" datetime=${new Date(one.at).toISOString()}>
              ${startOfDay(one.at) === startOfDay(Date.now()) ? '' : `${dayOf(one.at)}, `}${timeOf(one.at)}
            </time>
          </li>
        `,
      )}
    </ul>
  </section>
`

/** Asks for the browser's permission, which a browser grants only after a click. */
const Permission = () => {
  const [state, setState] = useState(globalThis.Notification?.permission ?? 'unsupported')
  if (state === 'granted' || state === 'unsupported') return null
  return html`
    <div class="notice">
      ${
        state === 'denied'
          ? html`<p class="small">
              Notifications are blocked for this app. You can allow them in the site settings of your browser.
            </p>`
          : html`<p class="small">Get notified of arrivals while you use other apps.</p>
              <button
                type="button"
                class="button first"
                onClick=${() => Notification.requestPermission().then(setState)}
              >
                Turn on notifications
              </button>`
      }
    </div>
  `
}
