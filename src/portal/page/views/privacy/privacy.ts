import { useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { Retention } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Dialog } from '../../parts/dialog.ts'
import { TextInput } from '../../parts/inputs.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { type Load, useLoad } from '../../hooks/use-load.ts'
import { may } from '../../session/session-state.ts'
import { VisitorErasure } from './visitor-erasure.ts'

/** How long what is known of visitors is kept, and erasing one of them. */
export const Privacy = () => {
  const load = useLoad(signal => get<Retention>(ofTenant('/retention'), { signal }), [])
  return html`<${PageFrame}
    title="Privacy"
    lead="How long visitors’ data is kept here, and how one visitor’s is erased."
  >
    <section class="card">
      <h2>Kept for</h2>
      <div class="card-body">
        <${Loaded} of=${load} lines=${3}>
          ${(retention: Retention) =>
            may('deliveries:write')
              ? html`<${Days}
                  key=${`${retention.payloadDays}.${retention.logDays}`}
                  retention=${retention}
                  load=${load}
                />`
              : html`<${Facts} retention=${retention} />`}
        <//>
      </div>
    </section>
    <${VisitorErasure} />
  <//>`
}

const Facts = ({ retention: { payloadDays, logDays } }: { retention: Retention }) =>
  html`<dl class="facts">
    <dt>Content</dt>
    <dd>${daysText(payloadDays)}: events, bodies and receivers’ answers</dd>
    <dt>Delivery log</dt>
    <dd>${daysText(logDays)}: what happened when, in ids alone</dd>
  </dl>`

const daysText = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`

/** Null: the operator’s default. NaN: no number of days. */
const daysOf = (text: string): number | null => {
  const clean = text.trim()
  if (clean === '') return null
  return /^\d{1,3}$/.test(clean) ? Number(clean) : Number.NaN
}

const Days = ({ retention, load }: { retention: Retention; load: Load<Retention> }) => {
  const { payloadDays, logDays, defaults } = retention
  const shown = (days: number, otherwise: number) => (days === otherwise ? '' : String(days))
  const [payload, setPayload] = useState(shown(payloadDays, defaults.payloadDays))
  const [log, setLog] = useState(shown(logDays, defaults.logDays))
  const [isAsking, setAsking] = useState(false)
  const wanted = { payloadDays: daysOf(payload), logDays: daysOf(log) }
  const isShorter =
    (wanted.payloadDays ?? defaults.payloadDays) < payloadDays || (wanted.logDays ?? defaults.logDays) < logDays
  const isSame =
    (wanted.payloadDays ?? defaults.payloadDays) === payloadDays && (wanted.logDays ?? defaults.logDays) === logDays
  const saving = useAction(async () => {
    const { body } = await call<Retention>(ofTenant('/retention'), { method: 'PUT', body: wanted })
    load.put(body)
    toast('Saved, and in force.')
  })
  const faults = faultsOf(saving.problem)
  const faultOf = (days: number | null, most: number, pointer: string) =>
    days !== null && !(days >= 1 && days <= most) ? `Enter a whole number from 1 to ${most}.` : faults.get(pointer)
  const payloadFault = faultOf(wanted.payloadDays, 30, '/payloadDays')
  const logFault = faultOf(wanted.logDays, 365, '/logDays')
  const submit = (event: Event) => {
    event.preventDefault()
    if (isShorter) setAsking(true)
    else void saving.run()
  }
  const confirm = async () => {
    setAsking(false)
    await saving.run()
  }
  return html`<form class="days" novalidate onSubmit=${submit}>
    <div class="days-fields">
      <${TextInput}
        label="Days for content"
        isOptional
        inputMode="numeric"
        placeholder=${`${defaults.payloadDays}, the operator’s default`}
        hint="Events, bodies and receivers’ answers. Afterwards a delivery cannot be sent again."
        error=${payloadFault}
        value=${payload}
        onChange=${(text: string) => (saving.clear(), setPayload(text))}
      />
      <${TextInput}
        label="Days for the delivery log"
        isOptional
        inputMode="numeric"
        placeholder=${`${defaults.logDays}, the operator’s default`}
        hint="What happened when, in ids alone. Not fewer than for content."
        error=${logFault}
        value=${log}
        onChange=${(text: string) => (saving.clear(), setLog(text))}
      />
    </div>
    ${saving.problem && faults.size === 0 && html`<${ProblemNotice} problem=${saving.problem} />`}
    <div class="actions">
      <button
        type="submit"
        class="button primary"
        disabled=${saving.isBusy || isSame || payloadFault !== undefined || logFault !== undefined}
      >
        ${saving.isBusy ? 'Saving…' : 'Save'}
      </button>
    </div>
    ${
      isAsking &&
      html`<${Dialog}
        title="Keep less than now?"
        onClose=${() => setAsking(false)}
        onSubmit=${confirm}
        actions=${html`
          <button type="button" class="button" onClick=${() => setAsking(false)}>Keep it as it is</button>
          <button type="submit" class="button danger primary">Keep less</button>
        `}
      >
        <p>
          What is older is removed within moments, and does not come back. A delivery that still waits and loses its
          content is given up.
        </p>
      <//>`
    }
  </form>`
}
