import { useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLeaveGuard } from '../../hooks/use-leave-guard.ts'
import { linkTo } from '../../router.ts'
import { Secret } from '../../parts/secret.ts'
import { draftOf, type Settings } from './form/settings-draft.ts'
import { Snippets } from './snippets/snippets.ts'
import { focusFirstFault, SubscriptionForm } from './form/subscription-form.ts'
import { titleOf } from './subscription-state.ts'

const back = { href: linkTo('/subscriptions'), label: 'Subscriptions' }

const untouched = draftOf(null)

/** A new endpoint; once it is there, its secret, and how to verify with it. */
export const SubscriptionCreate = () => {
  const [draft, setDraft] = useState(untouched)
  const [made, setMade] = useState<Subscription | null>(null)
  // The same for another try, so that an answer that was lost makes no second subscription; a new one once something was changed.
  const attempt = useRef({ wanted: '', key: '' })
  const creating = useAction(async (settings: Settings) => {
    const wanted = JSON.stringify(settings)
    if (attempt.current.wanted !== wanted) attempt.current = { wanted, key: newIdempotencyKey() }
    const { body } = await call<Subscription>(ofTenant('/subscriptions'), {
      method: 'POST',
      body: settings,
      idempotencyKey: attempt.current.key,
    })
    setMade(body)
  })
  useLeaveGuard(made !== null || draft !== untouched)
  if (made !== null) return html`<${Made} key="made" subscription=${made} />`
  return html`<${PageFrame} title="New subscription" back=${back}>
    <${SubscriptionForm}
      draft=${draft}
      onDraft=${setDraft}
      onSave=${async (settings: Settings) => (await creating.run(settings)) || focusFirstFault()}
      problem=${creating.problem}
      isBusy=${creating.isBusy}
      saveLabel="Create subscription"
      cancelHref=${back.href}
    />
  <//>`
}

const Made = ({ subscription }: { subscription: Subscription }) => {
  const { id, secret = '', requireVerification = false } = subscription
  const own = linkTo(`/subscriptions/${id}`)
  return html`<${PageFrame} title="Your subscription is there" lead=${titleOf(subscription)} back=${back}>
    <section class="card">
      <h2>Secret</h2>
      <div class="card-body">
        <${Secret} value=${secret} what="the secret">
          It is shown this once. Keep it where your endpoint keeps its secrets; if it is lost, rotate it.
        <//>
        <p class="hint">
          The secret is for the header <code>webhook-signature</code> and ready-made
          <a href="https://www.standardwebhooks.com" target="_blank" rel="noopener">Standard Webhooks</a> libraries. To
          verify <code>webhook-jws</code> you need no secret at all: its keys are published.
        </p>
      </div>
    </section>
    <section class="card">
      <h2>Verify in your endpoint</h2>
      <div class="card-body"><${Snippets} subscriptionId=${id} /></div>
    </section>
    <div class="actions">
      <a class="button primary" href=${own}>
        ${requireVerification ? 'I have kept it. Verify the endpoint' : 'I have kept it. Send a test event'}
      </a>
    </div>
  <//>`
}
