import { useState } from 'preact/hooks'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { SearchBox } from '../../parts/search-box.ts'
import { linkToDelivery, linkToEvent, narrow } from './delivery-query.ts'
import { findAnything } from './find-anything.ts'

/** A search for any id: it opens the delivery or the event, or filters the list by the visit or the subscription. */
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
  const change = (typed: string) => {
    setText(typed)
    setMissed('')
  }
  return html`<div class="delivery-search">
    <${SearchBox}
      label="Find a visit, an event or a delivery by its id"
      placeholder="Visit, event or delivery id"
      text=${text}
      onText=${change}
      onFind=${(wanted: string) => wanted !== '' && searching.run(wanted)}
      isBusy=${searching.isBusy}
    />
    <div role="status">
      ${
        missed !== '' &&
        html`<p class="search-missed">
          Nothing in the log has the id <code>${missed}</code>. Doorbell may not have accepted it yet, or it is older
          than the log.
        </p>`
      }
    </div>
    ${searching.problem && html`<${ProblemNotice} problem=${searching.problem} />`}
  </div>`
}
