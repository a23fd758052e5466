import { html } from '../../../../html.ts'
import { Choice } from '../../../../parts/choice.ts'
import { TextInput } from '../../../../parts/text-input.ts'
import type { PaceDraft } from '../model/draft.ts'
import type { SettingControls } from './control.ts'

export const paceControls: SettingControls<'timeoutMs' | 'ratePerSecond' | 'maxInFlight' | 'ordering'> = {
  timeoutMs: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      isShort
      label="Timeout"
      hint="1 s to 30 s, from connecting to the last byte."
      value=${draft.timeout}
      error=${faultAt('/timeoutMs')}
      onChange=${(timeout: string) => set({ timeout })}
    />`,
  ratePerSecond: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      isShort
      isOptional
      label="Max. per second"
      hint="Leave it empty for no limit."
      inputMode="decimal"
      value=${draft.ratePerSecond}
      error=${faultAt('/ratePerSecond')}
      onChange=${(ratePerSecond: string) => set({ ratePerSecond })}
    />`,
  maxInFlight: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      isShort
      label="Max. in parallel"
      hint="1 to 500. Doorbell uses fewer while your endpoint is slow."
      inputMode="numeric"
      value=${draft.maxInFlight}
      error=${faultAt('/maxInFlight')}
      onChange=${(maxInFlight: string) => set({ maxInFlight })}
    />`,
  ordering: ({ draft, set }) =>
    html`<${Choice}
      legend="Order"
      name="ordering"
      value=${draft.ordering}
      onChange=${(ordering: PaceDraft['ordering']) => set({ ordering })}
      options=${orders}
    />`,
}

const orders = [
  {
    value: 'none',
    label: 'As fast as possible',
    hint: 'Events may overtake one another; each has a sequence number',
  },
  { value: 'visit', label: 'In order per visit', hint: 'A check-out never arrives before its check-in' },
]
