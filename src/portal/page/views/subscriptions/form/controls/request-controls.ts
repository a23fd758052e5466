import { html } from '../../../../html.ts'
import { Choice } from '../../../../parts/choice.ts'
import type { FaultAt } from '../../../../parts/field.ts'
import { TextInput } from '../../../../parts/text-input.ts'
import { Toggle } from '../../../../parts/toggle.ts'
import type { Pair, RequestDraft } from '../model/draft.ts'
import { headerName } from '../model/request.ts'
import type { ControlProps, SettingControls } from './control.ts'
import { PairRows } from './pair-rows.ts'

type RequestField = 'payload' | 'headers' | 'auth' | 'requireVerification' | 'propagateTrace'

export const requestControls: SettingControls<RequestField> = {
  payload: ({ draft, set }) =>
    html`<${Choice}
      legend="Payload"
      name="payload"
      value=${draft.payload}
      onChange=${(payload: RequestDraft['payload']) => set({ payload })}
      options=${payloads}
    />`,
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
    <${Choice}
      legend="Authorization"
      name="authKind"
      value=${props.draft.authKind}
      onChange=${(authKind: RequestDraft['authKind']) => props.set({ authKind })}
      options=${authKinds}
    />
    ${props.draft.authKind === 'bearer' && bearerToken(props)} ${props.draft.authKind === 'basic' && basicAuth(props)}
  `,
  requireVerification: ({ draft, set }) =>
    html`<${Toggle}
      label="Verify the endpoint first"
      hint="Events are held until the endpoint has answered a signed challenge."
      isOn=${draft.requireVerification}
      onChange=${(requireVerification: boolean) => set({ requireVerification })}
    />`,
  propagateTrace: ({ draft, set }) =>
    html`<${Toggle}
      label="Send trace context"
      hint=${html`Requests carry <code>traceparent</code>, so your endpoint’s spans join the trace of the check-in.`}
      isOn=${draft.propagateTrace}
      onChange=${(propagateTrace: boolean) => set({ propagateTrace })}
    />`,
}

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

const bearerToken = ({ draft, set, faultAt }: ControlProps) =>
  html`<${TextInput}
    label="Token"
    isMono
    hint=${storedHint}
    value=${draft.authToken}
    error=${faultAt('/auth')}
    onChange=${(authToken: string) => set({ authToken })}
  />`

const basicAuth = ({ draft, set, faultAt }: ControlProps) => html`
  <${TextInput}
    isShort
    label="User name"
    value=${draft.authUsername}
    error=${faultAt('/auth/username')}
    onChange=${(authUsername: string) => set({ authUsername })}
  />
  <${TextInput}
    isShort
    label="Password"
    hint=${storedHint}
    value=${draft.authPassword}
    error=${faultAt('/auth/password')}
    onChange=${(authPassword: string) => set({ authPassword })}
  />
`
