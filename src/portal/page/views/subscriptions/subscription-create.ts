import { useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLeaveGuard } from '../../hooks/use-leave-guard.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Secret } from '../../parts/secret.ts'
import { linkTo } from '../../router.ts'
import type { Settings } from './form/model/setting.ts'
import { emptyDraft } from './form/model/settings.ts'
import { SubscriptionForm } from './form/subscription-form.ts'
import { Snippets } from './snippets/snippets.ts'
import { titleOf } from './subscription-state.ts'
import { Warnings } from './warnings.ts'

const back = { href: linkTo('/subscriptions'), label: 'Subscriptions' }

/** Creates a subscription, then shows its secret and how to verify webhooks. */
export const SubscriptionCreate = () => {
  const [draft, setDraft] = useState(emptyDraft)
  const [created, setCreated] = useState<Subscription | null>(null)
  // Trying again with the same settings uses the same key, so a lost answer does not lead to a second subscription.
  const attempt = useRef({ wanted: '', key: '' })
  const creating = useAction(async (settings: Settings) => {
    const wanted = JSON.stringify(settings)
    if (attempt.current.wanted !== wanted) attempt.current = { wanted, key: newIdempotencyKey() }
    const { body } = await call<Subscription>(ofTenant('/subscriptions'), {
      method: 'POST',
      body: settings,
      idempotencyKey: attempt.current.key,
    })
    setCreated(body)
  })
  useLeaveGuard(created !== null || draft !== emptyDraft)
  if (created !== null) return html`<${Created} key="created" subscription=${created} />`
  return html`<${PageFrame} title="New subscription" back=${back}>
    <${SubscriptionForm}
      draft=${draft}
      onDraft=${setDraft}
      onSave=${creating.run}
      problem=${creating.problem}
      isBusy=${creating.isBusy}
      saveLabel="Create subscription"
      cancelHref=${back.href}
    />
  <//>`
}

const Created = ({ subscription }: { subscription: Subscription }) => {
  const { id, secret = '', requireVerification = false } = subscription
  return html`<${PageFrame} title="Subscription created" lead=${titleOf(subscription)} back=${back}>
    <${Warnings} of=${subscription} />
    <${Card} title="Secret">
      <${Secret} value=${secret} what="the secret">
        You won’t see this secret again. Save it where your endpoint keeps its secrets. If you lose it, rotate it.
      <//>
      <p class="hint">
        The secret is for the header <code>webhook-signature</code> and ready-made
        <a href="https://www.standardwebhooks.com" target="_blank" rel="noopener">Standard Webhooks</a> libraries. You
        need no secret to verify <code>webhook-jws</code>: its public keys are published.
      </p>
    <//>
    <${Card} title="Verify webhooks in your endpoint"><${Snippets} subscriptionId=${id} /><//>
    <div class="actions">
      <a class="button primary" href=${linkTo(`/subscriptions/${id}`)}>
        ${requireVerification ? 'I have saved it. Verify the endpoint' : 'I have saved it. Send a test event'}
      </a>
    </div>
  <//>`
}
