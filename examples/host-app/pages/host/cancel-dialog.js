import { ask } from '../ask.js'
import { html, useState } from '../htm-preact.js'
import { dayOf, timeOf } from '../words.js'
import { Modal } from './modal.js'

/** Cancels a visit after a confirmation. */
export const CancelDialog = ({ visit, onClose, onCancelled }) => {
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
          ${dayOf(visit.scheduledAt)}, ${timeOf(visit.scheduledAt)}. ${name} will not be able to check in.
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
