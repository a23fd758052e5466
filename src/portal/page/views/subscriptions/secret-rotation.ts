import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import { dayMs, hourMs } from '../../format/units.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { SecretDialog } from '../../parts/secret-dialog.ts'
import { type Option, SelectField } from '../../parts/select.ts'
import { When } from '../../parts/when.ts'

const overlaps: readonly Option[] = [
  [String(dayMs), 'a day'],
  [String(hourMs), 'an hour'],
  [String(7 * dayMs), 'a week'],
  ['0', 'not at all, because it leaked'],
]

interface NewSecret {
  readonly secret: string
  readonly previousValidUntil: string
}

interface RotationProps {
  id: string
  onClose: () => void
  onChange: () => void
}

/** Creates a new secret for a subscription, and shows it once. */
export const SecretRotation = ({ id, onClose, onChange }: RotationProps) => {
  const [overlap, setOverlap] = useState(String(dayMs))
  const [created, setCreated] = useState<NewSecret | null>(null)
  const rotating = useAction(async () => {
    const wanted = { method: 'POST', body: { overlapMs: Number(overlap) } } as const
    const { body } = await call<NewSecret>(ofTenant(`/subscriptions/${id}/rotate-secret`), wanted)
    setCreated(body)
    onChange()
  })
  if (created !== null)
    return html`<${SecretDialog}
      key="created"
      title="New secret"
      value=${created.secret}
      what="the new secret"
      note="You won’t see this secret again."
      onClose=${onClose}
    >
      <p>
        ${
          overlap === '0'
            ? 'The previous secret no longer works.'
            : html`The previous secret keeps working until <${When} at=${created.previousValidUntil} both />. Update
                your endpoint before then.`
        }
      </p>
    <//>`
  return html`<${Confirmation}
    key="ask"
    title="Rotate the secret"
    action=${rotating}
    confirmLabel="Create a new secret"
    onConfirm=${() => rotating.run()}
    onClose=${onClose}
  >
    <p>Until the previous secret ends, both sign each request, so your endpoint can change over at any time.</p>
    <${SelectField} label="Keep the previous secret for" value=${overlap} options=${overlaps} onChange=${setOverlap} />
  <//>`
}
