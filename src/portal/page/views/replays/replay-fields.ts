import { html } from '../../html.ts'
import { Choice } from '../../parts/choice.ts'
import { lastRange } from '../../format/local-time.ts'
import { serverNow } from '../../format/server-clock.ts'
import { MomentInput } from '../../parts/moment-input.ts'
import { SelectField } from '../../parts/select.ts'
import { TextInput } from '../../parts/text-input.ts'
import { spans } from '../deliveries/delivery-query.ts'
import { titleOf } from '../subscriptions/subscription-state.ts'
import { useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import type { ReplayDraft } from './replay-draft.ts'
import { selections } from './replay-words.ts'

interface FieldsProps {
  draft: ReplayDraft
  /** What is wrong, by JSON Pointer. */
  faults: ReadonlyMap<string, string>
  onChange: (part: Partial<ReplayDraft>) => void
}

/** The subscription, the selection, the range of time and the pace of a replay. */
export const ReplayFields = ({ draft, faults, onChange }: FieldsProps) => html`
  <${SubscriptionField}
    value=${draft.subscriptionId}
    error=${faults.get('/subscriptionId')}
    onChange=${(subscriptionId: string) => onChange({ subscriptionId })}
  />
  <${Choice}
    legend="Deliveries to send again"
    name="selection"
    value=${draft.status}
    options=${selections}
    onChange=${(status: string) => onChange({ status })}
  />
  <fieldset>
    <legend>Events accepted</legend>
    <div class="replay-spans">
      ${Object.entries(spans).map(
        ([key, { label, ms }]) =>
          html`<button
            type="button"
            class="button small"
            key=${key}
            onClick=${() => onChange(lastRange(ms, serverNow()))}
          >
            ${label}
          </button>`,
      )}
    </div>
    <div class="replay-range">
      <${MomentInput}
        label="From"
        value=${draft.from}
        error=${faults.get('/from')}
        onChange=${(from: string) => onChange({ from })}
      />
      <${MomentInput}
        label="To"
        value=${draft.to}
        error=${faults.get('/to')}
        onChange=${(to: string) => onChange({ to })}
      />
    </div>
  </fieldset>
  <div class="replay-pace">
    <${TextInput}
      label="Max. per second"
      hint="0.1 to 1,000. New events are delivered at the same time, so leave room for them."
      inputMode="decimal"
      value=${draft.perSecond}
      error=${faults.get('/perSecond')}
      onChange=${(perSecond: string) => onChange({ perSecond })}
    />
  </div>
`

interface SubscriptionFieldProps {
  value: string
  error: string | undefined
  onChange: (id: string) => void
}

/** A choice of the tenant’s subscriptions. With a token that may not read them, the person enters an id. */
const SubscriptionField = ({ value, error, onChange }: SubscriptionFieldProps) => {
  const subscriptions = useSubscriptions()
  const shared = { label: 'Subscription', value, error, onChange }
  if (subscriptions?.size === 0) return html`<${TextInput} ...${shared} isMono placeholder="sub_…" />`
  const known = [...(subscriptions?.values() ?? [])].map(one => [one.id, titleOf(one)] as const)
  return html`<${SelectField} ...${shared} options=${[['', 'Choose one'], ...known]} />`
}
