import { ask } from '../ask.js'
import { Avatar } from '../avatar.js'
import { html, useState } from '../htm-preact.js'
import { Modal } from './modal.js'

/** Invites a contact for a date and a time. */
export const InviteDialog = ({ contact, onClose, onInvited }) => {
  const name = `${contact.firstName} ${contact.lastName}`
  const [date, setDate] = useState(() => dateValue(soon()))
  const [time, setTime] = useState(() => timeValue(soon()))
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
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
  const choose = moment => {
    setDate(dateValue(moment))
    setTime(timeValue(moment))
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
        <${Suggestions} date=${date} time=${time} onChoose=${choose} />
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

const Suggestions = ({ date, time, onChoose }) => {
  const suggestions = [
    ['Soon', soon()],
    ['Tomorrow 9:00', tomorrowAt(9)],
    ['Tomorrow 14:00', tomorrowAt(14)],
  ]
  return html`<fieldset class="chips">
    <legend class="hidden-label">Suggestions</legend>
    ${suggestions.map(
      ([label, moment]) => html`
        <button
          type="button"
          class="button"
          aria-pressed=${dateValue(moment) === date && timeValue(moment) === time}
          onClick=${() => onChoose(moment)}
        >
          ${label}
        </button>
      `,
    )}
  </fieldset>`
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
