import { useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import type { Delivery } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Dialog } from '../../parts/dialog.ts'
import { Icon } from '../../parts/icon.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'

interface ActionsProps {
  delivery: Delivery
  /** The row after it. */
  onDone: (delivery: Delivery) => void
}

type Asking = 'resend' | 'cancel'

/** Sends it again, or gives it up. */
export const DeliveryActions = ({ delivery, onDone }: ActionsProps) => {
  const { id, status, contentGone } = delivery
  const [asking, ask] = useState<Asking | null>(null)
  const isOver = status === 'delivered' || status === 'dead' || status === 'cancelled'
  const acting = useAction(async (what: Asking) => {
    const path = ofTenant(`/deliveries/${encodeURIComponent(id)}/${what}`)
    const { body } = await call<Delivery>(path, { method: 'POST', body: {}, idempotencyKey: newIdempotencyKey() })
    ask(null)
    onDone(body)
    toast(what === 'resend' ? 'It is sent again.' : 'Cancelled.')
  })
  const close = () => {
    acting.clear()
    ask(null)
  }
  return html`
    ${!isOver && html`<button type="button" class="button" onClick=${() => ask('cancel')}>Cancel delivery</button>`}
    ${
      contentGone === undefined &&
      html`<button type="button" class="button primary" onClick=${() => ask('resend')}>
        <${Icon} name="send" />${isOver ? 'Send again' : 'Send now'}
      </button>`
    }
    ${
      asking !== null &&
      html`<${Dialog}
        title=${asking === 'cancel' ? 'Give this delivery up?' : 'Send it again?'}
        onClose=${close}
        onSubmit=${() => acting.run(asking)}
        actions=${html`
          <button type="button" class="button" onClick=${close}>${asking === 'cancel' ? 'Keep it' : 'Not now'}</button>
          <button
            type="submit"
            class=${`button primary ${asking === 'cancel' ? 'danger' : ''}`}
            disabled=${acting.isBusy}
          >
            ${acting.isBusy ? 'One moment…' : asking === 'cancel' ? 'Give it up' : 'Send'}
          </button>
        `}
      >
        <p>
          ${asking === 'cancel' ? 'It is not tried any more. You can still send it again later, while its content is kept.' : question(delivery)}
        </p>
        ${acting.problem && html`<${ProblemNotice} problem=${acting.problem} />`}
      <//>`
    }
  `
}

const question = ({ status }: Delivery): string =>
  status === 'delivered'
    ? 'The endpoint took it already, and will get it a second time: with the same webhook-id, so that it can tell.'
    : 'It goes to the subscription’s url of now, signed with the key of now, with a new round of attempts.'
