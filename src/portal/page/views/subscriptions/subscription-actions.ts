import { useState } from 'preact/hooks'
import { type Answer, call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useAction } from '../../hooks/use-action.ts'
import type { Load } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Choice } from '../../parts/choice.ts'
import { Confirmation } from '../../parts/confirmation.ts'
import { Icon } from '../../parts/icon.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { toast } from '../../parts/toast.ts'
import { linkTo } from '../../router.ts'
import { stateOf } from './subscription-state.ts'

interface ActionsProps {
  subscription: Subscription
  load: Load<Answer<Subscription>>
}

/** Buttons that edit, pause and resume a subscription. */
export const SubscriptionActions = ({ subscription, load }: ActionsProps) => {
  const { id, status } = subscription
  const { kind } = stateOf(subscription)
  const [isResuming, setResuming] = useState(false)
  const pausing = useAction(async () => {
    const path = ofTenant(`/subscriptions/${id}/pause`)
    load.put(await call<Subscription>(path, { method: 'POST', body: {} }))
    toast('Paused. New events are held.')
    load.reload()
  })
  return html`
    <a class="button" href=${linkTo(`/subscriptions/${id}/edit`)}><${Icon} name="edit" />Edit</a>
    ${
      status === 'active' &&
      html`<button type="button" class="button" disabled=${pausing.isBusy} onClick=${() => pausing.run()}>
        <${Icon} name="pause" />Pause
      </button>`
    }
    ${
      (kind === 'paused' || kind === 'disabled') &&
      html`<button type="button" class="button primary" onClick=${() => setResuming(true)}>
        <${Icon} name="play" />Resume
      </button>`
    }
    ${pausing.problem !== null && html`<${ProblemNotice} problem=${pausing.problem} />`}
    ${isResuming && html`<${Resumption} subscription=${subscription} load=${load} onClose=${() => setResuming(false)} />`}
  `
}

const afterwards = [
  { value: 'deliver', label: 'Deliver them', hint: 'The oldest first, a few at a time' },
  {
    value: 'skip',
    label: 'Skip them',
    hint: 'They are cancelled and stay in the log. What waits for another reason is delivered',
  },
]

/** Asks whether the held events are to be delivered. */
const Resumption = ({ subscription: { id, held = 0 }, load, onClose }: ActionsProps & { onClose: () => void }) => {
  const [heldEvents, setHeldEvents] = useState('deliver')
  const resuming = useAction(async () => {
    const wanted = { method: 'POST', body: { catchUp: heldEvents === 'deliver' } } as const
    const answer = await call<Subscription>(ofTenant(`/subscriptions/${id}/resume`), wanted)
    const { skipped = 0 } = answer.body
    load.put(answer)
    toast(
      skipped === 0
        ? 'Resumed.'
        : `Resumed. ${counted(skipped, 'held delivery was cancelled', 'held deliveries were cancelled')}.`,
    )
    onClose()
    load.reload()
  })
  return html`<${Confirmation}
    title="Resume deliveries"
    action=${resuming}
    confirmLabel="Resume"
    onConfirm=${() => resuming.run()}
    onClose=${onClose}
  >
    <p>${held === 0 ? 'No events are held.' : `${counted(held, 'event is held', 'events are held')}.`}</p>
    <${Choice}
      legend="Events held by this pause"
      name="held-events"
      value=${heldEvents}
      options=${afterwards}
      onChange=${setHeldEvents}
    />
  <//>`
}
