/** The tablet at the reception: checks visitors in and out. It plays the platform, which publishes each of it to Doorbell. */
import { html, render, useEffect, useRef, useState } from './htm-preact.js'
import { ask, dayOf, hueOf, initialsOf, plain, startOfDay, timeOf } from './shared.js'

const nameOf = ({ firstName, lastName }) => `${firstName} ${lastName}`

const FrontDesk = () => {
  const [desk, setDesk] = useState(null)
  const [now, setNow] = useState(Date.now())
  const [text, setText] = useState('')
  const [welcomed, setWelcomed] = useState(null)
  const [busy, setBusy] = useState('')
  const [problem, setProblem] = useState('')

  useEffect(() => {
    // Of two answers that overtake one another, the one that was asked for last counts.
    let asked = 0
    const load = async () => {
      const number = (asked += 1)
      try {
        const answer = await ask('GET', '/front-desk/api/visits')
        if (number === asked) setDesk(answer)
      } catch (error) {
        setProblem(error.message)
      }
    }
    const live = new EventSource('/front-desk/api/live')
    live.addEventListener('open', () => void load())
    live.addEventListener('changed', () => void load())
    const ticking = setInterval(() => setNow(Date.now()), 1_000)
    return () => {
      live.close()
      clearInterval(ticking)
    }
  }, [])

  const act = (visit, action) => {
    setBusy(visit.id)
    setProblem('')
    return ask('POST', `/front-desk/api/visits/${visit.id}/${action}`, {})
      .then(
        changed => action === 'check-in' && setWelcomed(changed),
        error => setProblem(`${nameOf(visit.visitor)}: ${error.message}`),
      )
      .finally(() => setBusy(''))
  }

  const visits = desk?.visits ?? []
  const fits = ({ visitor }) => plain(nameOf(visitor)).includes(plain(text.trim()))
  const today = visits.filter(({ scheduledAt }) => startOfDay(scheduledAt) === startOfDay(now))
  const later = visits.filter(
    ({ status, scheduledAt }) => status === 'planned' && startOfDay(scheduledAt) > startOfDay(now),
  )
  const expected = [...today.filter(({ status }) => status === 'planned'), ...later].filter(fits)
  const inside = visits.filter(({ status }) => status === 'checked_in')
  const over = today.filter(({ status }) => status === 'cancelled' || status === 'checked_out')

  const row = (visit, side, kind = '') => html`
    <li class=${`row ${kind}`} key=${visit.id}>
      <span class="avatar" style=${{ '--hue': hueOf(nameOf(visit.visitor)) }} aria-hidden="true">
        ${initialsOf(nameOf(visit.visitor))}
      </span>
      <span class="at">
        ${timeOf(visit.scheduledAt)}
        ${startOfDay(visit.scheduledAt) > startOfDay(now) && html`<br /><span class="soft small">${dayOf(visit.scheduledAt)}</span>`}
      </span>
      <div>
        <p class="who">${nameOf(visit.visitor)}</p>
        <p class="soft small">${visit.visitor.company} · to see ${visit.host.name}</p>
      </div>
      ${side}
    </li>
  `
  const button = (visit, action, label, first) => html`
    <button
      type="button"
      class=${`button ${first ? 'first' : ''}`}
      disabled=${busy === visit.id}
      aria-label=${`${label} ${nameOf(visit.visitor)}`}
      onClick=${() => act(visit, action)}
    >
      ${label}
    </button>
  `
  return html`
    <header class="hall">
      <p class="brand"><img src="/icon.svg" alt="" />Harbour House</p>
      <div>
        <h1>Welcome.</h1>
        <p>Find your name and check in. Your host hears of it at once.</p>
      </div>
      <div>
        <p class="clock">${timeOf(now)}</p>
        <p>${new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' }).format(now)}</p>
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
      <section aria-labelledby="expected">
        <h2 id="expected">Expected <span class="number">${expected.length}</span></h2>
        ${
          expected.length === 0
            ? html`<p class="empty">
                ${text === '' ? 'Nobody is expected now. Hosts invite their visitors in the app.' : `Nobody called “${text}” is expected.`}
              </p>`
            : html`<ul class="rows">
                ${expected.map(visit => row(visit, button(visit, 'check-in', 'Check in', true)))}
              </ul>`
        }
      </section>
      ${
        inside.length > 0 &&
        html`<section aria-labelledby="inside">
          <h2 id="inside">In the house <span class="number">${inside.length}</span></h2>
          <ul class="rows">
            ${inside.map(visit => row(visit, button(visit, 'check-out', 'Check out', false)))}
          </ul>
        </section>`
      }
      ${
        over.length > 0 &&
        html`<section aria-labelledby="over">
          <h2 id="over">Left or cancelled</h2>
          <ul class="rows">
            ${over.map(visit =>
              row(
                visit,
                html`<span class="badge">
                  ${visit.status === 'cancelled' ? 'Cancelled' : `Left at ${timeOf(visit.checkedOutAt)}`}
                </span>`,
                `over ${visit.status}`,
              ),
            )}
          </ul>
        </section>`
      }
      <section class="events" aria-labelledby="events">
        <h2 id="events">Told to Doorbell</h2>
        ${
          (desk?.events.length ?? 0) === 0
            ? html`<p class="empty">
                Each invitation, check-in and check-out is an event, and is shown here with its trace id.
              </p>`
            : html`<ul class="rows">
                ${desk.events.map(
                  event => html`
                    <li class="row" key=${event.id}>
                      <span class="soft">${timeOf(new Date(event.timestamp))}</span>
                      <code>${event.type}</code>
                      <span class="whom">${event.visitor}</span>
                      ${
                        event.traceId === null
                          ? html`<span class="badge missed">waits</span>`
                          : html`<span class="badge checked_in" title=${`trace ${event.traceId}`}>
                              202 <code>${event.traceId.slice(0, 8)}</code>
                            </span>`
                      }
                    </li>
                  `,
                )}
              </ul>`
        }
      </section>
    </main>
    ${welcomed !== null && html`<${Welcomed} visit=${welcomed} onClose=${() => setWelcomed(null)} />`}
  `
}

const shownForMs = 8_000

/** Says to the visitor that it worked, and makes room for the next one. */
const Welcomed = ({ visit, onClose }) => {
  const dialog = useRef(null)
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    const ending = setTimeout(() => onClose(), shownForMs)
    return () => {
      clearTimeout(ending)
      current.close()
    }
  }, [visit.id])
  return html`
    <dialog ref=${dialog} aria-labelledby="welcomed" onClose=${onClose} onClick=${onClose}>
      <div class="inner">
        <span class="tick" aria-hidden="true">
          <svg
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2.5"
            stroke-linecap="round"
            stroke-linejoin="round"
          >
            <path d="m5 13 4.5 4.5L19 7" />
          </svg>
        </span>
        <h2 id="welcomed">Welcome, ${visit.visitor.firstName}</h2>
        <p class="soft">Take a seat: we are letting ${visit.host.name} know.</p>
        <p class="badge-number">Badge ${visit.badge}</p>
        <button type="button" class="button first" onClick=${onClose}>Done</button>
      </div>
    </dialog>
  `
}

render(html`<${FrontDesk} />`, document.querySelector('#app'))
