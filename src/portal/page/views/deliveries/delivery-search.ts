import { useState } from 'preact/hooks'
import { html } from '../../html.ts'
import { Icon } from '../../parts/icon.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { useAction } from '../../hooks/use-action.ts'
import { narrow, linkToDelivery, linkToEvent } from './delivery-query.ts'
import { findAnything } from './find-anything.ts'

const longestId = 200

/** One box for any id: it leads to the delivery or the event, or narrows the list to the visit or the subscription. */
export const DeliverySearch = () => {
  const [text, setText] = useState('')
  const [missed, setMissed] = useState('')
  const searching = useAction(async (wanted: string) => {
    const found = await findAnything(wanted)
    setMissed(found.kind === 'nothing' ? wanted : '')
    if (found.kind === 'nothing') return
    setText('')
    if (found.kind === 'delivery') location.hash = linkToDelivery(found.id)
    else if (found.kind === 'event') location.hash = linkToEvent(found.id)
    else narrow({ [`${found.kind}Id`]: found.id })
  })
  const submit = (event: Event) => {
    event.preventDefault()
    const wanted = text.trim()
    if (wanted !== '') void searching.run(wanted)
  }
  const change = (event: Event) => {
    setText((event.target as HTMLInputElement).value)
    setMissed('')
  }
  return html`<form class="search" role="search" onSubmit=${submit}>
    <div class="search-box">
      <${Icon} name="search" />
      <input
        type="search"
        aria-label="Find a visit, an event or a delivery by its id"
        placeholder="Visit, event or delivery id"
        maxlength=${longestId}
        autocomplete="off"
        spellcheck=${false}
        value=${text}
        onInput=${change}
      />
      <button type="submit" class="button small" disabled=${searching.isBusy}>
        ${searching.isBusy ? 'Looking…' : 'Find'}
      </button>
    </div>
    <div role="status">
      ${
        missed !== '' &&
        html`<p class="search-missed">
          Nothing in the log is called <code>${missed}</code>. It was not accepted here, is on its way, or is older than
          the log.
        </p>`
      }
    </div>
    ${searching.problem && html`<${ProblemNotice} problem=${searching.problem} />`}
  </form>`
}
