import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import type { Erasure } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Icon } from '../../parts/icon.ts'
import { TextInput } from '../../parts/text-input.ts'
import { place, replacePlace } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { ErasureProgress } from './erasure-progress.ts'

/** Erases one visitor after a confirmation, and shows the progress. The address contains the id of the erasure, never that of the visitor. */
export const VisitorErasure = () => {
  const [visitorId, setVisitorId] = useState('')
  const [isMissing, setMissing] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const erasureId = place.value.query.get('erasure')
  const submit = (event: Event) => {
    event.preventDefault()
    setMissing(visitorId.trim() === '')
    setAsking(visitorId.trim() !== '')
  }
  const begin = ({ id }: Erasure) => {
    setAsking(false)
    setVisitorId('')
    replacePlace('/privacy', { erasure: id })
  }
  return html`<${Card} title="Erase a visitor">
    <p class="erasure-about">
      Doorbell overwrites every stored event that names the visitor and cancels deliveries that are still waiting. The
      log keeps past deliveries with ids only, without their content and responses. Ask your receivers to erase what
      they have received.
    </p>
    ${
      may('deliveries:write') &&
      html`<form class="erasure-form" novalidate onSubmit=${submit}>
        <${TextInput}
          label="Visitor id"
          isMono
          placeholder="visitor-81"
          hint="As in data.visitor.id of your events."
          error=${isMissing ? 'Enter the id of the visitor.' : undefined}
          value=${visitorId}
          onChange=${(text: string) => (setMissing(false), setVisitorId(text))}
        />
        <button type="submit" class="button danger"><${Icon} name="trash" />Erase…</button>
      </form>`
    }
    ${erasureId !== null && html`<${ErasureProgress} key=${erasureId} id=${erasureId} />`}
    ${
      isAsking &&
      html`<${ErasureConfirmation} visitorId=${visitorId.trim()} onClose=${() => setAsking(false)} onBegun=${begin} />`
    }
  <//>`
}

interface ConfirmationProps {
  visitorId: string
  onClose: () => void
  onBegun: (erasure: Erasure) => void
}

const ErasureConfirmation = ({ visitorId, onClose, onBegun }: ConfirmationProps) => {
  const [typed, setTyped] = useState('')
  const erasing = useAction(async () => {
    const { body } = await call<Erasure>(ofTenant(`/visitors/${encodeURIComponent(visitorId)}`), { method: 'DELETE' })
    onBegun(body)
  })
  return html`<${Confirmation}
    title="Erase this visitor permanently?"
    action=${erasing}
    isDangerous
    isReady=${typed.trim() === visitorId}
    confirmLabel="Erase permanently"
    onConfirm=${() => erasing.run()}
    onClose=${onClose}
  >
    <p>You cannot undo this. A backup that is made afterwards does not contain the data either.</p>
    <${TextInput} label=${html`Enter <code>${visitorId}</code> again`} isMono value=${typed} onChange=${setTyped} />
  <//>`
}
