import { html } from '../../../../html.ts'
import { Choice } from '../../../../parts/choice.ts'
import { TextInput } from '../../../../parts/text-input.ts'
import type { RetryDraft } from '../model/draft.ts'
import { recommendedText } from '../model/retry.ts'
import { readDraft } from '../model/settings.ts'
import type { ControlProps, SettingControls } from './control.ts'
import { RetryTimeline } from './retry-timeline.ts'

export const retryControls: SettingControls<'retry' | 'expiresAfterMs'> = {
  retry: props => {
    const { draft, set, faultAt } = props
    const { retry } = readDraft(draft).settings
    return html`
      <${Choice}
        legend="When an attempt fails"
        name="retryKind"
        value=${draft.retryKind}
        onChange=${(retryKind: RetryDraft['retryKind']) => set({ retryKind })}
        options=${policies}
      />
      ${draft.retryKind === 'growth' && growingDelay(props)} ${draft.retryKind === 'list' && ownDelays(props)}
      ${draft.retryKind === 'list' && faultAt('/retry') !== undefined && html`<p class="error">${faultAt('/retry')}</p>`}
      ${retry && html`<${RetryTimeline} retry=${retry} />`}
    `
  },
  expiresAfterMs: ({ draft, set, faultAt }) =>
    html`<${TextInput}
      label="Expires after"
      isOptional
      hint="Doorbell stops trying to deliver an event after this time, e.g. 15 min for opening a door. Leave it empty for no limit."
      value=${draft.expiresAfter}
      error=${faultAt('/expiresAfterMs')}
      onChange=${(expiresAfter: string) => set({ expiresAfter })}
    />`,
}

const policies = [
  { value: 'recommended', label: 'Recommended', hint: recommendedText },
  { value: 'growth', label: 'Growing delay', hint: 'Each delay is a multiple of the previous one' },
  { value: 'list', label: 'Own delays', hint: 'You list each delay' },
]

const growth = [
  { name: 'maxAttempts', label: 'Max. attempts', pointer: '/retry/maxAttempts', inputMode: 'numeric' },
  { name: 'firstDelay', label: 'First delay', pointer: '/retry/firstDelayMs' },
  { name: 'factor', label: 'Factor', pointer: '/retry/factor', inputMode: 'decimal' },
  { name: 'maxDelay', label: 'Longest delay', pointer: '/retry/maxDelayMs' },
  { name: 'giveUpAfter', label: 'Give up after', pointer: '/retry/giveUpAfterMs' },
] as const

const growingDelay = ({ draft, set, faultAt }: ControlProps) =>
  growth.map(
    ({ name, label, pointer, ...more }) =>
      html`<${TextInput}
        key=${name}
        isShort
        label=${label}
        value=${draft[name]}
        error=${faultAt(pointer)}
        onChange=${(text: string) => set({ [name]: text })}
        ...${more}
      />`,
  )

const ownDelays = ({ draft, set, faultAt }: ControlProps) =>
  html`<${TextInput}
    label="Delays"
    hint="Separated by commas. Three delays make four attempts. Units: s, min, h, d."
    value=${draft.delays}
    error=${faultAt('/retry/delaysMs')}
    onChange=${(delays: string) => set({ delays })}
  />`
