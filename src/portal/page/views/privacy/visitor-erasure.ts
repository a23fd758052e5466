import { useEffect, useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import type { Erasure } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Dialog } from '../../parts/dialog.ts'
import { Icon } from '../../parts/icon.ts'
import { TextInput } from '../../parts/inputs.ts'
import { Loaded } from '../../parts/loaded.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { place, replacePlace } from '../../router.ts'
import { may } from '../../session/session-state.ts'

/** Erases one visitor, after a second look, and shows how far it is. The address names the erasure, never the visitor. */
export const VisitorErasure = () => {
  const [visitorId, setVisitorId] = useState('')
  const [isMissing, setMissing] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const under = place.value.query.get('erasure')
  const submit = (event: Event) => {
    event.preventDefault()
    setMissing(visitorId.trim() === '')
    setAsking(visitorId.trim() !== '')
  }
  const begun = ({ id }: Erasure) => {
    setAsking(false)
    setVisitorId('')
    replacePlace('/privacy', { erasure: id })
  }
  return html`<section class="card">
    <h2>Erase a visitor</h2>
    <div class="card-body">
      <p class="erasure-about">
        Events that name the visitor are overwritten in the event store; their deliveries stay in the log in ids alone,
        without body and answers; those that wait are cancelled. What was handed to a receiver is that receiver’s to
        erase.
      </p>
      ${
        may('deliveries:write') &&
        html`<form class="erasure-form" novalidate onSubmit=${submit}>
          <${TextInput}
            label="Visitor id"
            isMono
            placeholder="visitor-81"
            hint="As your events have it in data.visitor.id."
            error=${isMissing ? 'Enter the id of the visitor.' : undefined}
            value=${visitorId}
            onChange=${(text: string) => (setMissing(false), setVisitorId(text))}
          />
          <button type="submit" class="button danger"><${Icon} name="trash" />Erase…</button>
        </form>`
      }
      ${under !== null && html`<${Progress} key=${under} id=${under} />`}
    </div>
    ${
      isAsking &&
      html`<${Confirmation} visitorId=${visitorId.trim()} onClose=${() => setAsking(false)} onBegun=${begun} />`
    }
  </section>`
}

interface ConfirmationProps {
  visitorId: string
  onClose: () => void
  onBegun: (erasure: Erasure) => void
}

const Confirmation = ({ visitorId, onClose, onBegun }: ConfirmationProps) => {
  const [again, setAgain] = useState('')
  const erasing = useAction(async () => {
    const { body } = await call<Erasure>(ofTenant(`/visitors/${encodeURIComponent(visitorId)}`), { method: 'DELETE' })
    onBegun(body)
  })
  const isSure = again.trim() === visitorId
  return html`<${Dialog}
    title="Erase this visitor for good?"
    onClose=${onClose}
    onSubmit=${() => isSure && erasing.run()}
    actions=${html`
      <button type="button" class="button" onClick=${onClose}>Not now</button>
      <button type="submit" class="button danger primary" disabled=${!isSure || erasing.isBusy}>
        ${erasing.isBusy ? 'One moment…' : 'Erase for good'}
      </button>
    `}
  >
    <p>There is no way back, also from a backup that is made after it.</p>
    <${TextInput} label=${html`Enter <code>${visitorId}</code> once more`} isMono value=${again} onChange=${setAgain} />
    ${erasing.problem && html`<${ProblemNotice} problem=${erasing.problem} />`}
  <//>`
}

const refreshMs = 1_000

const Progress = ({ id }: { id: string }) => {
  const [isOver, setOver] = useState(false)
  const load = useLoad(
    signal => get<Erasure>(ofTenant(`/erasures/${encodeURIComponent(id)}`), { signal }),
    [id],
    isOver ? {} : { refreshMs },
  )
  useEffect(() => {
    if (load.data !== null) setOver(load.data.state === 'done')
  }, [load.data])
  return html`<div class="erasure" aria-label="The erasure" role="group">
    <${Loaded} of=${load} lines=${2}>
      ${(erasure: Erasure) => {
        const { state, scanned, events, deliveries, cancelled, createdAt, finishedAt } = erasure
        const figures = [
          ['events looked at', scanned],
          ['overwritten', events],
          ['deliveries emptied', deliveries],
          ['cancelled', cancelled],
        ] as const
        return html`<p class="erasure-state" role="status">
            <${StatusBadge} tone=${state === 'done' ? 'ok' : 'busy'}>${state === 'done' ? 'Erased' : 'Erasing'}<//>
            <span class="quiet small">
              asked for
              <${When} at=${createdAt} />${finishedAt !== undefined && html`, done <${When} at=${finishedAt} />`}
            </span>
          </p>
          <dl class="figures">
            ${figures.map(
              ([name, count]) =>
                html`<div key=${name}>
                  <dt>${name}</dt>
                  <dd>${count.toLocaleString('en')}</dd>
                </div>`,
            )}
          </dl>
          <p class="hint">
            For your records: <code>${erasure.id}</code>, kept for a year. It does not name the visitor.
          </p>`
      }}
    <//>
  </div>`
}
