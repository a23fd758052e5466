import { useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import type { Delivery } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Icon } from '../../parts/icon.ts'
import { toast } from '../../parts/toast.ts'

interface ActionsProps {
  delivery: Delivery
  /** Receives the delivery in its new state. */
  onDone: (delivery: Delivery) => void
}

/** Buttons that send a delivery again or cancel it. */
export const DeliveryActions = ({ delivery, onDone }: ActionsProps) => {
  const { status, contentGone } = delivery
  const [asking, setAsking] = useState<'resend' | 'cancel' | null>(null)
  const isOver = status === 'delivered' || status === 'dead' || status === 'cancelled'
  const shared = { delivery, onDone, onClose: () => setAsking(null) }
  return html`
    ${!isOver && html`<button type="button" class="button" onClick=${() => setAsking('cancel')}>Cancel delivery</button>`}
    ${
      contentGone === undefined &&
      html`<button type="button" class="button primary" onClick=${() => setAsking('resend')}>
        <${Icon} name="send" />${isOver ? 'Send again' : 'Send now'}
      </button>`
    }
    ${asking === 'resend' && html`<${Resending} ...${shared} />`}
    ${asking === 'cancel' && html`<${Cancellation} ...${shared} />`}
  `
}

interface AskingProps extends ActionsProps {
  onClose: () => void
}

const change = async ({ id }: Delivery, action: 'resend' | 'cancel'): Promise<Delivery> => {
  const path = ofTenant(`/deliveries/${encodeURIComponent(id)}/${action}`)
  return (await call<Delivery>(path, { method: 'POST', body: {}, idempotencyKey: newIdempotencyKey() })).body
}

const Resending = ({ delivery, onDone, onClose }: AskingProps) => {
  const sending = useAction(async () => {
    onDone(await change(delivery, 'resend'))
    onClose()
    toast('Sending again.')
  })
  return html`<${Confirmation}
    title="Send this delivery again?"
    action=${sending}
    confirmLabel="Send"
    onConfirm=${() => sending.run()}
    onClose=${onClose}
  >
    <p>
      ${
        delivery.status === 'delivered'
          ? 'The endpoint has already accepted it and will receive it a second time. The webhook-id is the same, so the endpoint can recognize it.'
          : 'Doorbell sends it to the subscription’s current address, signed with the current key, and starts a new round of attempts.'
      }
    </p>
  <//>`
}

const Cancellation = ({ delivery, onDone, onClose }: AskingProps) => {
  const cancelling = useAction(async () => {
    onDone(await change(delivery, 'cancel'))
    onClose()
    toast('Cancelled.')
  })
  return html`<${Confirmation}
    title="Cancel this delivery?"
    action=${cancelling}
    isDangerous
    confirmLabel="Cancel delivery"
    cancelLabel="Keep trying"
    onConfirm=${() => cancelling.run()}
    onClose=${onClose}
  >
    <p>Doorbell makes no more attempts. You can send it again later while its content is kept.</p>
  <//>`
}
