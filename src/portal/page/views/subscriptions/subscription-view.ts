import { type Answer, call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Copyable } from '../../parts/copyable.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { linkTo, type ViewProps } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { SubscriptionActions } from './subscription-actions.ts'
import { SubscriptionChecks } from './subscription-checks.ts'
import { SubscriptionDeletion } from './subscription-deletion.ts'
import { SubscriptionFacts } from './subscription-facts.ts'
import { SubscriptionHour } from './subscription-hour.ts'
import { SubscriptionLive } from './subscription-live.ts'
import { SubscriptionStanding } from './subscription-standing.ts'
import { titleOf } from './subscription-state.ts'

const refreshMs = 5_000

type Read = Answer<Subscription>

/** One subscription: its state, its last hour, its deliveries and settings, and everything that can be done with it. */
export const SubscriptionView = ({ params: { id = '' } }: ViewProps) => {
  const load = useLoad<Read>(signal => call(ofTenant(`/subscriptions/${encodeURIComponent(id)}`), { signal }), [id], {
    refreshMs,
  })
  const subscription = load.data?.body
  return html`<${PageFrame}
    title=${subscription === undefined ? 'Subscription' : titleOf(subscription)}
    lead=${subscription && html`<${Copyable} text=${subscription.url} what="the address" />`}
    back=${{ href: linkTo('/subscriptions'), label: 'Subscriptions' }}
    actions=${
      subscription &&
      may('subscriptions:write') &&
      html`<${SubscriptionActions} subscription=${subscription} load=${load} />`
    }
  >
    <${Loaded} of=${load} lines=${8}>
      ${({ body, etag }: Read) => html`
        <${SubscriptionStanding} subscription=${body} />
        <div class="columns">
          <div class="column">
            ${may('deliveries:read') && html`<${SubscriptionHour} id=${id} />`}
            <${SubscriptionLive} subscription=${body} />
          </div>
          <div class="column">
            <${SubscriptionChecks} subscription=${body} onChange=${load.reload} />
            <${SubscriptionFacts} subscription=${body} />
            ${may('subscriptions:write') && html`<${SubscriptionDeletion} subscription=${body} etag=${etag} />`}
          </div>
        </div>
      `}
    <//>
  <//>`
}
