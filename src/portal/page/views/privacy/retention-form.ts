import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { Retention } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { TextInput } from '../../parts/text-input.ts'
import { toast } from '../../parts/toast.ts'

interface RetentionFormProps {
  retention: Retention
  onSaved: (retention: Retention) => void
}

/** The caps of the API. */
const most = { payloadDays: 30, logDays: 365 } as const

/** Null stands for the operator’s default, NaN for a text that is not a number of days. */
const daysOf = (text: string): number | null => {
  const clean = text.trim()
  if (clean === '') return null
  return /^\d{1,3}$/.test(clean) ? Number(clean) : Number.NaN
}

/** Changes the tenant’s retention. Shortening it removes data, so it asks first. */
export const RetentionForm = ({ retention, onSaved }: RetentionFormProps) => {
  const { payloadDays, logDays, defaults } = retention
  const shown = (days: number, otherwise: number) => (days === otherwise ? '' : String(days))
  const [payload, setPayload] = useState(shown(payloadDays, defaults.payloadDays))
  const [log, setLog] = useState(shown(logDays, defaults.logDays))
  const [isAsking, setAsking] = useState(false)
  const wanted = { payloadDays: daysOf(payload), logDays: daysOf(log) }
  const after = {
    payloadDays: wanted.payloadDays ?? defaults.payloadDays,
    logDays: wanted.logDays ?? defaults.logDays,
  }
  const isShorter = after.payloadDays < payloadDays || after.logDays < logDays
  const isSame = after.payloadDays === payloadDays && after.logDays === logDays
  const saving = useAction(async () => {
    const { body } = await call<Retention>(ofTenant('/retention'), { method: 'PUT', body: wanted })
    onSaved(body)
    toast('Saved. The new retention applies now.')
  })
  const faults = faultsOf(saving.problem)
  const faultOf = (name: keyof typeof most) => {
    const days = wanted[name]
    const isValid = days === null || (days >= 1 && days <= most[name])
    return isValid ? faults.get(`/${name}`) : `Enter a whole number from 1 to ${most[name]}.`
  }
  const payloadFault = faultOf('payloadDays')
  const logFault = faultOf('logDays')
  const submit = (event: Event) => {
    event.preventDefault()
    if (isShorter) setAsking(true)
    else void saving.run()
  }
  const confirm = async () => {
    setAsking(false)
    await saving.run()
  }
  return html`<form class="retention-form" novalidate onSubmit=${submit}>
    <div class="fields">
      <${TextInput}
        label="Days for content"
        isOptional
        isShort
        inputMode="numeric"
        placeholder=${`${defaults.payloadDays}, the operator’s default`}
        hint="Events, requests and responses. After this time a delivery cannot be sent again."
        error=${payloadFault}
        value=${payload}
        onChange=${(text: string) => (saving.clear(), setPayload(text))}
      />
      <${TextInput}
        label="Days for the delivery log"
        isOptional
        isShort
        inputMode="numeric"
        placeholder=${`${defaults.logDays}, the operator’s default`}
        hint="What happened when, with ids only. At least as long as for content."
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
      html`<${Confirmation}
        title="Shorten the retention?"
        action=${{ isBusy: false, problem: null }}
        isDangerous
        confirmLabel="Shorten and remove data"
        onConfirm=${confirm}
        onClose=${() => setAsking(false)}
      >
        <p>
          Older data is removed within moments and cannot be restored. A delivery that is still waiting becomes dead if
          its content is removed.
        </p>
      <//>`
    }
  </form>`
}
