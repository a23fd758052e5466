import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Icon } from '../../parts/icon.ts'
import { toast } from '../../parts/toast.ts'
import { goTo } from '../../router.ts'
import { titleOf } from './subscription-state.ts'

interface DeletionProps {
  subscription: Subscription
  /** The version that is shown: a subscription that was changed since is not deleted. */
  etag: string | null
}

/** A button that deletes a subscription after a confirmation. */
export const SubscriptionDeletion = ({ subscription, etag }: DeletionProps) => {
  const [isAsking, setAsking] = useState(false)
  const { id, pending = 0, held = 0 } = subscription
  const waiting = pending + held
  const deleting = useAction(async () => {
    await call(ofTenant(`/subscriptions/${id}`), { method: 'DELETE', ifMatch: etag ?? undefined })
    toast(`Deleted: ${titleOf(subscription)}.`)
    goTo('/subscriptions')
  })
  return html`<div class="deletion">
    <button type="button" class="button ghost danger" onClick=${() => setAsking(true)}>
      <${Icon} name="trash" />Delete subscription
    </button>
    ${
      isAsking &&
      html`<${Confirmation}
        title="Delete this subscription?"
        action=${deleting}
        isDangerous
        confirmLabel="Delete"
        onConfirm=${() => deleting.run()}
        onClose=${() => setAsking(false)}
      >
        <p>
          <b>${titleOf(subscription)}</b> receives no more events.
          ${waiting > 0 && ` ${counted(waiting, 'waiting delivery is cancelled', 'waiting deliveries are cancelled')}.`}
          Past deliveries stay in the log. You cannot undo this.
        </p>
      <//>`
    }
  </div>`
}
