import { html } from '../../../../html.ts'
import { recommendedText } from '../model/retry.ts'
import { readDraft } from '../model/settings.ts'
import { choiceControl, type SettingControls, textControl } from './control.ts'
import { RetryTimeline } from './retry-timeline.ts'

const policies = [
  { value: 'recommended', label: 'Recommended', hint: recommendedText },
  { value: 'growth', label: 'Growing delay', hint: 'Each delay is a multiple of the previous one' },
  { value: 'list', label: 'Own delays', hint: 'You list each delay' },
]

const PolicyChoice = choiceControl('retryKind', 'When an attempt fails', policies)

const growth = [
  textControl('maxAttempts', '/retry/maxAttempts', { isShort: true, label: 'Max. attempts', inputMode: 'numeric' }),
  textControl('firstDelay', '/retry/firstDelayMs', { isShort: true, label: 'First delay' }),
  textControl('factor', '/retry/factor', { isShort: true, label: 'Factor', inputMode: 'decimal' }),
  textControl('maxDelay', '/retry/maxDelayMs', { isShort: true, label: 'Longest delay' }),
  textControl('giveUpAfter', '/retry/giveUpAfterMs', { isShort: true, label: 'Give up after' }),
]

const OwnDelays = textControl('delays', '/retry/delaysMs', {
  label: 'Delays',
  hint: 'Separated by commas. Three delays make four attempts. Units: s, min, h, d.',
})

export const retryControls: SettingControls<'retry' | 'expiresAfterMs'> = {
  retry: props => {
    const { draft, faultAt } = props
    const { retry } = readDraft(draft).settings
    return html`
      <${PolicyChoice} ...${props} />
      ${draft.retryKind === 'growth' && growth.map(Control => html`<${Control} ...${props} />`)}
      ${draft.retryKind === 'list' && html`<${OwnDelays} ...${props} />`}
      ${draft.retryKind === 'list' && faultAt('/retry') !== undefined && html`<p class="error">${faultAt('/retry')}</p>`}
      ${retry && html`<${RetryTimeline} retry=${retry} />`}
    `
  },
  expiresAfterMs: textControl('expiresAfter', '/expiresAfterMs', {
    label: 'Expires after',
    isOptional: true,
    hint: 'Doorbell stops trying to deliver an event after this time, e.g. 15 min for opening a door. Leave it empty for no limit.',
  }),
}
