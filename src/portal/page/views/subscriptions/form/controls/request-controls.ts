import { html } from '../../../../html.ts'
import type { FaultAt } from '../../../../parts/field.ts'
import type { Pair } from '../model/draft.ts'
import { headerName } from '../model/request.ts'
import { choiceControl, type SettingControls, textControl, toggleControl } from './control.ts'
import { PairRows } from './pair-rows.ts'

const payloads = [
  { value: 'full', label: 'Full', hint: 'The whole event, with visitor and host' },
  { value: 'thin', label: 'Thin', hint: 'Only ids. No personal data leaves Doorbell; your system fetches the rest' },
]

const authKinds = [
  { value: 'none', label: 'None', hint: 'The signature proves that Doorbell sent the request' },
  { value: 'bearer', label: 'Bearer token' },
  { value: 'basic', label: 'User name and password' },
]

const storedHint = 'Stored encrypted and not shown again. *** keeps the stored value.'

const headerFault = ({ name }: Pair, faultAt: FaultAt): string | undefined =>
  name.trim() === '' ? undefined : faultAt(`/headers/${headerName(name)}`)

const AuthChoice = choiceControl('authKind', 'Authorization', authKinds)
const BearerToken = textControl('authToken', '/auth', { label: 'Token', isMono: true, hint: storedHint })
const UserName = textControl('authUsername', '/auth/username', { isShort: true, label: 'User name' })
const Password = textControl('authPassword', '/auth/password', { isShort: true, label: 'Password', hint: storedHint })

type RequestField = 'payload' | 'headers' | 'auth' | 'requireVerification' | 'propagateTrace'

export const requestControls: SettingControls<RequestField> = {
  payload: choiceControl('payload', 'Payload', payloads),

  headers: ({ draft, set, faultAt }) =>
    html`<${PairRows}
      legend="Headers"
      hint=${html`Sent with each request. Values are stored encrypted and not shown again; <code>***</code> keeps a
        stored value.`}
      item="header"
      nameLabel="Name"
      valueLabel="Value"
      namePlaceholder="x-api-key"
      valuePlaceholder="value"
      isMono
      rows=${draft.headers}
      errorOf=${(row: Pair) => headerFault(row, faultAt)}
      error=${draft.headers.some(row => headerFault(row, faultAt) !== undefined) ? undefined : faultAt('/headers')}
      onChange=${(headers: readonly Pair[]) => set({ headers })}
    />`,
  auth: props => html`
    <${AuthChoice} ...${props} />
    ${props.draft.authKind === 'bearer' && html`<${BearerToken} ...${props} />`}
    ${props.draft.authKind === 'basic' && html`<${UserName} ...${props} /><${Password} ...${props} />`}
  `,

  requireVerification: toggleControl(
    'requireVerification',
    'Verify the endpoint first',
    'Events are held until the endpoint has answered a signed challenge.',
  ),
  propagateTrace: toggleControl(
    'propagateTrace',
    'Send trace context',
    html`Requests carry <code>traceparent</code>, so your endpoint’s spans join the trace of the check-in.`,
  ),
}
