import { call, ofTenant } from '../../api/client.ts'
import type { Token } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { toast } from '../../parts/toast.ts'
import { session } from '../../session/session-state.ts'

interface RevocationProps {
  token: Token
  onClose: () => void
  onDone: () => void
}

/** Revokes a token after a confirmation. */
export const TokenRevocation = ({ token: { id, description }, onClose, onDone }: RevocationProps) => {
  const revoking = useAction(async () => {
    await call(ofTenant(`/tokens/${id}`), { method: 'DELETE' })
    toast('Revoked.')
    onClose()
    onDone()
  })
  const state = session.value
  const isOwn = state.phase === 'signed-in' && state.me.id === id
  return html`<${Confirmation}
    title="Revoke this token?"
    action=${revoking}
    isDangerous
    confirmLabel="Revoke"
    onConfirm=${() => revoking.run()}
    onClose=${onClose}
  >
    <p>Within seconds Doorbell rejects every call that uses <b>${description ?? id}</b>. You cannot undo this.</p>
    ${isOwn && html`<p class="error">You are signed in with this token, so you will be signed out.</p>`}
  <//>`
}
