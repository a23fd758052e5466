/** The customer's app: log in, invite, cancel, and be told of arrivals. */
import { html, render, useEffect, useRef, useState } from './htm-preact.js'
import { ask, dayOf, hueOf, initialsOf, plain, startOfDay, timeOf } from './shared.js'

const icon = {
  visits: html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    aria-hidden="true"
  >
    <rect x="3" y="5" width="18" height="16" rx="3" />
    <path d="M3 10h18M8 3v4M16 3v4" />
  </svg>`,
  contacts: html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    aria-hidden="true"
  >
    <circle cx="12" cy="8" r="4" />
    <path d="M4 21c1-5 4-7 8-7s7 2 8 7" />
  </svg>`,
  bell: html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d="M6 10a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 21h4" />
  </svg>`,
  close: html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    aria-hidden="true"
  >
    <path d="M6 6l12 12M18 6 6 18" />
  </svg>`,
}

const Avatar = ({ name }) =>
  html`<span class="avatar" style=${{ '--hue': hueOf(name) }} aria-hidden="true">${initialsOf(name)}</span>`

/** One page, two states: nobody is logged in, or a host. */
const App = () => {
  const [hosts, setHosts] = useState(null)
  const [me, setMe] = useState(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    const start = async () => {
      try {
        const answer = await ask('GET', '/api/hosts')
        setHosts(answer.hosts)
        setMe(answer.me)
      } catch (error) {
        setProblem(error.message)
      }
    }
    void start()
  }, [])
  if (problem !== '') return html`<main class="welcome"><p class="alarm" role="alert">${problem}</p></main>`
  if (hosts === null) return html`<main class="welcome" aria-busy="true"><p class="soft">One moment …</p></main>`
  if (me === null) return html`<${Welcome} hosts=${hosts} onChosen=${setMe} />`
  return html`<${Home} me=${me} onLeft=${() => setMe(null)} />`
}

const Welcome = ({ hosts, onChosen }) => {
  const [problem, setProblem] = useState('')
  const choose = host =>
    ask('POST', '/api/session', { hostId: host.id }).then(onChosen, error => setProblem(error.message))
  return html`
    <main class="welcome">
      <img src="/icon.svg" alt="" />
      <div>
        <h1>Arrivals</h1>
        <p class="soft">Invite visitors, and hear at once when they are here. Who are you?</p>
      </div>
      <ul class="cards">
        ${hosts.map(
          host => html`
            <li key=${host.id}>
              <button type="button" class="card" onClick=${() => choose(host)}>
                <${Avatar} name=${host.name} />
                <span class="what">
                  <span class="who">${host.name}</span>
                  <br />
                  <span class="soft small">${host.role}</span>
                </span>
              </button>
            </li>
          `,
        )}
      </ul>
      <p class="alarm" role="alert">${problem}</p>
    </main>
  `
}

const Home = ({ me, onLeft }) => {
  const [home, setHome] = useState(null)
  const [view, setView] = useState('visits')
  const [toasts, setToasts] = useState([])
  const [connected, setConnected] = useState(true)
  const [inviting, setInviting] = useState(null)
  const [cancelling, setCancelling] = useState(null)
  const [problem, setProblem] = useState('')

  const putVisit = visit => setHome(now => now && { ...now, visits: withVisit(now.visits, visit) })

  useEffect(() => {
    let live
    let gone = false
    let heard = 0
    const load = async () => {
      const heardBefore = heard
      try {
        const answer = await ask('GET', '/api/home')
        // Something was told meanwhile, which this answer may not know of.
        if (heard !== heardBefore && !gone) return await load()
        if (!gone) setHome(answer)
        return answer
      } catch (error) {
        if (error.status === 401) onLeft()
        else setProblem(error.message)
        return null
      }
    }
    const listen = async () => {
      const answer = await load()
      if (gone || answer === null) return
      live = new EventSource(`/api/live?after=${answer.notifications[0]?.id ?? 0}`)
      live.addEventListener('open', () => {
        setConnected(true)
        // What changed between reading and listening, or while nobody listened.
        void load()
      })
      live.addEventListener('error', () => setConnected(false))
      live.addEventListener('visit', ({ data }) => {
        heard += 1
        putVisit(JSON.parse(data))
      })
      live.addEventListener('notification', ({ data }) => {
        heard += 1
        const notification = JSON.parse(data)
        setHome(now => now && { ...now, notifications: withNotification(now.notifications, notification) })
        setToasts(now => [notification, ...now.filter(({ id }) => id !== notification.id)].slice(0, 3))
        void showOutside(notification)
      })
    }
    void listen()
    return () => {
      gone = true
      live?.close()
    }
  }, [me.id])

  const open = wanted => {
    setView(wanted)
    scrollTo(0, 0)
  }
  const leave = () => ask('DELETE', '/api/session').then(onLeft, error => setProblem(error.message))
  const read = () =>
    ask('POST', '/api/notifications/read', {}).then(() =>
      setHome(now => now && { ...now, notifications: now.notifications.map(one => ({ ...one, read: true })) }),
    )

  if (home === null)
    return html`<main class="welcome" aria-busy="true">
      ${problem === '' ? html`<p class="soft">One moment …</p>` : html`<p class="alarm" role="alert">${problem}</p>`}
    </main>`

  const unread = home.notifications.filter(one => !one.read).length
  const tab = (name, label, picture, count = 0) => html`
    <button type="button" aria-current=${view === name ? 'page' : undefined} onClick=${() => open(name)}>
      <span class="icon">${picture}${count > 0 && html`<span class="count" aria-hidden="true">${count}</span>`}</span>
      ${label}${count > 0 && html`<span class="hidden-label">, ${count} new</span>`}
    </button>
  `
  return html`
    <header class="bar">
      <img src="/icon.svg" alt="" />
      <h1 class="name">Arrivals</h1>
      <${Avatar} name=${me.name} />
      <span class="small me">${me.name}</span>
      <button type="button" class="button quiet small" onClick=${leave}>Log out</button>
    </header>
    ${!connected && html`<p class="offline" role="status">The connection is interrupted; it comes back by itself.</p>`}
    ${problem !== '' && html`<p class="alarm" role="alert">${problem}</p>`}
    <main class="views">
      <${VisitsView}
        visits=${home.visits}
        open=${view === 'visits'}
        onCancel=${setCancelling}
        onInvite=${() => {
          open('contacts')
          requestAnimationFrame(() => document.querySelector('.view.contacts .search')?.focus())
        }}
      />
      <${AlertsView} notifications=${home.notifications} unread=${unread} open=${view === 'alerts'} onRead=${read} />
      <${ContactsView} contacts=${home.contacts} open=${view === 'contacts'} onInvite=${setInviting} />
    </main>
    <nav class="tabs" aria-label="Views">
      ${tab('visits', 'Visits', icon.visits)} ${tab('contacts', 'Contacts', icon.contacts)}
      ${tab('alerts', 'Alerts', icon.bell, unread)}
    </nav>
    <div class="toasts" role="alert">
      ${toasts.map(
        toast => html`
          <div class="toast arrives" key=${toast.id}>
            <span class="bell">${icon.bell}</span>
            <div class="what">
              <p class="who">${toast.title}</p>
              <p class="soft small">${toast.text}</p>
            </div>
            <button
              type="button"
              class="close"
              aria-label=${`Dismiss: ${toast.title}`}
              onClick=${() => setToasts(now => now.filter(({ id }) => id !== toast.id))}
            >
              ${icon.close}
            </button>
          </div>
        `,
      )}
    </div>
    ${
      inviting &&
      html`<${InviteDialog}
        contact=${inviting}
        onClose=${() => setInviting(null)}
        onInvited=${visit => {
          putVisit(visit)
          setInviting(null)
          open('visits')
        }}
      />`
    }
    ${
      cancelling &&
      html`<${CancelDialog}
        visit=${cancelling}
        onClose=${() => setCancelling(null)}
        onCancelled=${visit => {
          putVisit(visit)
          setCancelling(null)
        }}
      />`
    }
  `
}

const withVisit = (visits, visit) =>
  [...visits.filter(({ id }) => id !== visit.id), visit].toSorted((a, b) => a.scheduledAt - b.scheduledAt)

const withNotification = (notifications, notification) => [
  notification,
  ...notifications.filter(({ id }) => id !== notification.id),
]

const statusWords = {
  planned: () => 'Expected',
  checked_in: visit => `Here since ${timeOf(visit.checkedInAt)}`,
  checked_out: visit => `Left at ${timeOf(visit.checkedOutAt)}`,
  cancelled: () => 'Cancelled',
  missed: () => 'Did not come',
}

const VisitsView = ({ visits, open, onCancel, onInvite }) => {
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
          <p>Nobody is expected. Choose somebody from your contacts, and a time.</p>
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

const ContactsView = ({ contacts, open, onInvite }) => {
  const [text, setText] = useState('')
  const found = contacts.filter(({ firstName, lastName, company }) =>
    plain(`${firstName} ${lastName} ${company}`).includes(plain(text)),
  )
  return html`
    <section class="view contacts" data-open=${String(open)} aria-labelledby="contacts-title">
      <header><h2 class="title" id="contacts-title">Contacts</h2></header>
      <input
        class="search"
        type="search"
        placeholder="Search by name or company"
        aria-label="Search contacts"
        value=${text}
        onInput=${event => setText(event.target.value)}
      />
      <ul class="cards">
        ${found.map(contact => {
          const name = `${contact.firstName} ${contact.lastName}`
          return html`
            <li class="card" key=${contact.id}>
              <${Avatar} name=${name} />
              <div class="what">
                <p class="who">${name}</p>
                <p class="soft small">${contact.company}</p>
              </div>
              <button type="button" class="button" aria-label=${`Invite ${name}`} onClick=${() => onInvite(contact)}>
                Invite
              </button>
            </li>
          `
        })}
      </ul>
      ${found.length === 0 && html`<p class="empty">Nobody is called “${text}”.</p>`}
    </section>
  `
}

const AlertsView = ({ notifications, unread, open, onRead }) => html`
  <section class="view alerts" data-open=${String(open)} aria-labelledby="alerts-title">
    <header>
      <h2 class="title" id="alerts-title">Alerts</h2>
      ${unread > 0 && html`<button type="button" class="button quiet small" onClick=${onRead}>Mark as read</button>`}
    </header>
    <${Permission} />
    ${notifications.length === 0 && html`<p class="empty">Who arrives for you is shown here, the moment it happens.</p>`}
    <ul class="cards" aria-label="Arrivals">
      ${notifications.slice(0, 10).map(
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

/** Asks for the browser's permission, which it gives only when the user has touched something. */
const Permission = () => {
  const [state, setState] = useState(globalThis.Notification?.permission ?? 'unsupported')
  if (state === 'granted' || state === 'unsupported') return null
  return html`
    <div class="notice">
      ${
        state === 'denied'
          ? html`<p class="small">
              Your browser shows no notifications of this app: you refused them. Its site settings take that back.
            </p>`
          : html`<p class="small">Be told of arrivals also while you look at something else.</p>
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

const pad = number => String(number).padStart(2, '0')
const dateValue = moment => `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
const timeValue = moment => `${pad(moment.getHours())}:${pad(moment.getMinutes())}`

/** The next quarter of an hour that is at least half an hour away. */
const soon = () => {
  const quarter = 15 * 60_000
  return new Date(Math.ceil((Date.now() + 2 * quarter) / quarter) * quarter)
}

const tomorrowAt = hours => {
  const moment = new Date()
  moment.setDate(moment.getDate() + 1)
  moment.setHours(hours, 0, 0, 0)
  return moment
}

/** A modal dialog that is open as long as it is there. */
const Modal = ({ title, onClose, children }) => {
  const dialog = useRef(null)
  useEffect(() => {
    const { current } = dialog
    current.showModal()
    return () => current.close()
  }, [])
  return html`
    <dialog
      ref=${dialog}
      aria-label=${title}
      onCancel=${event => {
        event.preventDefault()
        onClose()
      }}
      onClick=${event => event.target === dialog.current && onClose()}
    >
      ${children}
    </dialog>
  `
}

const InviteDialog = ({ contact, onClose, onInvited }) => {
  const name = `${contact.firstName} ${contact.lastName}`
  const [date, setDate] = useState(() => dateValue(soon()))
  const [time, setTime] = useState(() => timeValue(soon()))
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const choices = [
    ['Soon', soon()],
    ['Tomorrow 9:00', tomorrowAt(9)],
    ['Tomorrow 14:00', tomorrowAt(14)],
  ]
  const send = event => {
    event.preventDefault()
    const moment = new Date(`${date}T${time}`)
    if (Number.isNaN(moment.getTime())) return setProblem('Choose a date and a time.')
    setBusy(true)
    setProblem('')
    return ask('POST', '/api/visits', { contactId: contact.id, scheduledAt: moment.toISOString() }).then(
      onInvited,
      error => {
        setProblem(error.message)
        setBusy(false)
      },
    )
  }
  return html`
    <${Modal} title=${`Invite ${name}`} onClose=${onClose}>
      <form novalidate onSubmit=${send}>
        <div class="person">
          <${Avatar} name=${name} />
          <div>
            <h2>Invite ${name}</h2>
            <p class="soft small">${contact.company} · ${contact.email}</p>
          </div>
        </div>
        <fieldset class="chips">
          <legend class="hidden-label">Suggestions</legend>
          ${choices.map(
            ([label, moment]) => html`
              <button
                type="button"
                class="button"
                aria-pressed=${dateValue(moment) === date && timeValue(moment) === time}
                onClick=${() => {
                  setDate(dateValue(moment))
                  setTime(timeValue(moment))
                }}
              >
                ${label}
              </button>
            `,
          )}
        </fieldset>
        <div class="fields">
          <label>
            Date
            <input
              type="date"
              required
              min=${dateValue(new Date())}
              value=${date}
              onInput=${event => setDate(event.target.value)}
            />
          </label>
          <label>
            Time
            <input type="time" required value=${time} onInput=${event => setTime(event.target.value)} />
          </label>
        </div>
        <p class="alarm" role="alert">${problem}</p>
        <div class="actions">
          <button type="button" class="button" onClick=${onClose}>Back</button>
          <button type="submit" class="button first" disabled=${busy}>Send invitation</button>
        </div>
      </form>
    <//>
  `
}

const CancelDialog = ({ visit, onClose, onCancelled }) => {
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const cancel = event => {
    event.preventDefault()
    setBusy(true)
    return ask('POST', `/api/visits/${visit.id}/cancel`, {}).then(onCancelled, error => {
      setProblem(error.message)
      setBusy(false)
    })
  }
  const { name } = visit.visitor
  return html`
    <${Modal} title=${`Cancel the visit of ${name}?`} onClose=${onClose}>
      <form onSubmit=${cancel}>
        <h2>Cancel the visit of ${name}?</h2>
        <p class="soft">
          ${dayOf(visit.scheduledAt)}, ${timeOf(visit.scheduledAt)}. The reception will not let ${name} check in.
        </p>
        <p class="alarm" role="alert">${problem}</p>
        <div class="actions even">
          <button type="button" class="button" onClick=${onClose}>Keep it</button>
          <button type="submit" class="button danger" disabled=${busy}>Cancel the visit</button>
        </div>
      </form>
    <//>
  `
}

/** Beside the page: by the service worker where there is one, since phones allow it no other way. */
const showOutside = async ({ title, text, visitId }) => {
  if (globalThis.Notification?.permission !== 'granted') return
  const options = { body: text, icon: '/icon.svg', tag: visitId }
  const worker = await navigator.serviceWorker?.ready
  if (worker === undefined) void new Notification(title, options)
  else await worker.showNotification(title, options)
}

navigator.serviceWorker?.register('/notifier.js').catch(() => undefined)
render(html`<${App} />`, document.querySelector('#app'))
