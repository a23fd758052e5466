/** The tablet at the reception, where visitors check in and out. It plays the platform, which publishes each change to Doorbell. */
import { html, render, useEffect, useState } from '../htm-preact.js'
import { dateOf, plain, startOfDay, timeOf } from '../words.js'
import { EventRow } from './event-row.js'
import { useDesk } from './use-desk.js'
import { nameOf, VisitRow } from './visit-row.js'
import { Welcomed } from './welcomed.js'

const FrontDesk = () => {
  const { desk, problem, busyId, welcomed, checkIn, checkOut, next } = useDesk()
  const [text, setText] = useState('')
  const now = useNow()
  const visits = desk?.visits ?? []
  const today = visits.filter(({ scheduledAt }) => startOfDay(scheduledAt) === startOfDay(now))
  const later = visits.filter(
    ({ status, scheduledAt }) => status === 'planned' && startOfDay(scheduledAt) > startOfDay(now),
  )
  const expected = [...today.filter(({ status }) => status === 'planned'), ...later].filter(({ visitor }) =>
    plain(nameOf(visitor)).includes(plain(text.trim())),
  )
  const inside = visits.filter(({ status }) => status === 'checked_in')
  const over = today.filter(({ status }) => status === 'cancelled' || status === 'checked_out')
  const row = (visit, action) =>
    html`<${VisitRow} key=${visit.id} visit=${visit} now=${now} busy=${busyId === visit.id} action=${action} />`
  return html`
    <header class="hall">
      <p class="brand"><img src="/icon.svg" alt="" />Harbour House</p>
      <div>
        <h1>Welcome.</h1>
        <p>Find your name and check in. Your host is notified at once.</p>
      </div>
      <div>
        <p class="clock">${timeOf(now)}</p>
        <p>${dateOf(now)}</p>
      </div>
    </header>
    <main aria-busy=${desk === null}>
      <input
        class="search"
        type="search"
        placeholder="Your name"
        aria-label="Find your name"
        value=${text}
        onInput=${event => setText(event.target.value)}
      />
      <p class="alarm" role="alert">${problem}</p>
      <${Section}
        title="Expected"
        count=${expected.length}
        empty=${text === '' ? 'No visitors are expected. Hosts invite visitors in the app.' : `No expected visitor matches “${text}”.`}
      >
        ${expected.map(visit => row(visit, { label: 'Check in', run: checkIn, isFirst: true }))}
      <//>
      ${
        inside.length > 0 &&
        html`<${Section} title="Checked in" count=${inside.length}>
          ${inside.map(visit => row(visit, { label: 'Check out', run: checkOut }))}
        <//>`
      }
      ${over.length > 0 && html`<${Section} title="Left or cancelled">${over.map(visit => row(visit))}<//>`}
      <${Section}
        title="Published to Doorbell"
        className="events"
        empty="Each invitation, check-in and check-out is an event, and appears here with its trace id."
      >
        ${desk?.events.map(event => html`<${EventRow} key=${event.id} event=${event} />`)}
      <//>
    </main>
    ${welcomed !== null && html`<${Welcomed} visit=${welcomed} onClose=${next} />`}
  `
}

/** The current time, which ticks once a second. */
const useNow = () => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(ticking)
  }, [])
  return now
}

/** A titled list; `empty` stands in place of an empty one. */
const Section = ({ title, count, empty, className = '', children }) => {
  const rows = [children].flat().filter(Boolean)
  const id = title.toLowerCase().replaceAll(' ', '-')
  return html`<section class=${className} aria-labelledby=${id}>
    <h2 id=${id}>${title}${count !== undefined && html` <span class="number">${count}</span>`}</h2>
    ${
      rows.length === 0
        ? html`<p class="empty">${empty}</p>`
        : html`<ul class="rows">
            ${rows}
          </ul>`
    }
  </section>`
}

render(html`<${FrontDesk} />`, document.querySelector('#app'))
