import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { NewToken, Scope } from '../../api/shapes.ts'
import { dayMs } from '../../format/units.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { serverNow } from '../../format/server-clock.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { SecretDialog } from '../../parts/secret-dialog.ts'
import { type Option, SelectField } from '../../parts/select.ts'
import { TextInput } from '../../parts/text-input.ts'
import { ScopeChoice } from './scope-choice.ts'

const never = '0'

/** Days from now, in text. */
const lifetimes: readonly Option[] = [
  ['90', 'in 90 days'],
  ['30', 'in 30 days'],
  ['365', 'in a year'],
  [never, 'never'],
]

const expiryOf = (days: string): string | undefined =>
  days === never ? undefined : new Date(serverNow() + Number(days) * dayMs).toISOString()

/** Creates a token, and shows it once. */
export const TokenCreation = ({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) => {
  const [description, setDescription] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>([])
  const [days, setDays] = useState('90')
  const [created, setCreated] = useState<NewToken | null>(null)
  const [isMissing, setMissing] = useState(false)
  const creating = useAction(async () => {
    const expiresAt = expiryOf(days)
    const { body } = await call<NewToken>(ofTenant('/tokens'), {
      method: 'POST',
      body: {
        scopes,
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
    })
    setCreated(body)
    onCreated()
  })
  if (created !== null)
    return html`<${SecretDialog}
      key="created"
      title="New token"
      value=${created.token}
      what="the token"
      note="You won’t see this token again. Doorbell stores only its hash."
      onClose=${onClose}
    />`
  const submit = () => {
    setMissing(scopes.length === 0)
    if (scopes.length > 0) void creating.run()
  }
  return html`<${Confirmation}
    key="ask"
    title="New token"
    action=${creating}
    confirmLabel="Create token"
    onConfirm=${submit}
    onClose=${onClose}
  >
    <${TextInput}
      label="Description"
      isOptional
      value=${description}
      error=${faultsOf(creating.problem).get('/description')}
      placeholder="e.g. front desk"
      onChange=${setDescription}
    />
    <${ScopeChoice}
      scopes=${scopes}
      error=${isMissing && scopes.length === 0 ? 'Choose at least one scope.' : undefined}
      onChange=${setScopes}
    />
    <${SelectField} label="Expires" value=${days} options=${lifetimes} onChange=${setDays} />
  <//>`
}
