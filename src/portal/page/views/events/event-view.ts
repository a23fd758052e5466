import { get, ofTenant } from '../../api/client.ts'
import type { Delivery, EventAccount, Subscription, Verdict } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CodeBlock, prettyJson } from '../../parts/code-block.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { DeliveryBadge, StatusBadge } from '../../parts/status-badge.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { linkToDeliveries, linkToDelivery } from '../deliveries/delivery-query.ts'
import { inLocalTime } from '../deliveries/delivery-words.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'

/** One event: what became of it at each subscription, and why one did not get it. Stays up to date. */
export const EventView = ({ params: { id = '' } }: { params: Readonly<Record<string, string>> }) => {
  const load = useLoad(signal => get<EventAccount>(ofTenant(`/events/${encodeURIComponent(id)}`), { signal }), [id])
  const subscriptions = useSubscriptions()
  useLive({ onDelivery: row => row.eventId === id && load.reload(), onReturn: load.reload })
  return html`<${PageFrame}
    title=${load.data?.type ?? 'Event'}
    lead=${load.data !== null && html`of visit <a href=${linkToDeliveries({ visitId: load.data.visitId })}>${load.data.visitId}</a>`}
    back=${{ href: linkToDeliveries(), label: 'Deliveries' }}
  >
    <${Loaded} of=${load} lines=${8}>
      ${(account: EventAccount) =>
        html`<div class="columns">
          <div class="column">
            <section class="card">
              <h2>What each subscription did</h2>
              <${Verdicts} account=${account} subscriptions=${subscriptions} />
            </section>
            <section class="card">
              <h2>Content</h2>
              <div class="card-body">
                ${
                  account.event === null
                    ? html`<p class="quiet">
                        It is no longer kept: the days that your tenant keeps it are over, or the visitor was erased.
                      </p>`
                    : html`<${CodeBlock} code=${prettyJson(account.event)} what="the event" />`
                }
              </div>
            </section>
          </div>
          <${Facts} account=${account} />
        </div>`}
    <//>
  <//>`
}

interface VerdictsProps {
  account: EventAccount
  subscriptions: ReadonlyMap<string, Subscription> | null
}

const Verdicts = ({ account, subscriptions }: VerdictsProps) => {
  const { deliveries } = account
  const known = new Set(account.subscriptions.map(({ subscriptionId }) => subscriptionId))
  const orphans = deliveries.filter(({ subscriptionId }) => !known.has(subscriptionId))
  // Who got it comes first, then who should have, then whom it does not concern.
  const verdicts = account.subscriptions.toSorted((one, other) => rankOf(one) - rankOf(other))
  if (verdicts.length === 0 && orphans.length === 0)
    return html`<div class="card-body">
      <${EmptyState} title="There is no subscription">Nobody could have got it.<//>
    </div>`
  return html`<ul class="verdicts">
    ${verdicts.map(
      verdict =>
        html`<${Line}
          key=${verdict.subscriptionId}
          verdict=${verdict}
          name=${nameOf(subscriptions, verdict.subscriptionId)}
          delivery=${deliveries.find(({ subscriptionId }) => subscriptionId === verdict.subscriptionId)}
          account=${account}
        />`,
    )}
    ${orphans.map(
      row =>
        html`<li class="verdict" key=${row.id}>
          <${DeliveryBadge} status=${row.status} />
          <div>
            <a href=${linkToDelivery(row.id)}><code>${row.subscriptionId}</code></a>
            <p>Its subscription was deleted since.</p>
          </div>
        </li>`,
    )}
  </ul>`
}

const ranks = ['dead', 'held', 'pending', 'delivered', 'cancelled', 'unknown', 'not_matched']
const rankOf = ({ outcome }: Verdict): number => ranks.indexOf(outcome)

interface LineProps {
  verdict: Verdict
  name: string
  delivery: Delivery | undefined
  account: EventAccount
}

const Line = ({ verdict, name, delivery, account }: LineProps) => {
  const { outcome, explanation, subscriptionId } = verdict
  const words: Readonly<Record<string, string>> = { not_matched: 'not for it', unknown: 'not known' }
  const other = words[outcome]
  const isMissing = outcome === 'not_matched' && explanation.includes('replay')
  return html`<li class="verdict">
    ${other === undefined ? html`<${DeliveryBadge} status=${outcome} />` : html`<${StatusBadge} tone="quiet">${other}<//>`}
    <div>
      ${delivery === undefined ? html`<b>${name}</b>` : html`<a href=${linkToDelivery(delivery.id)}>${name}</a>`}
      <p>${inLocalTime(explanation)}</p>
      ${
        isMissing &&
        may('deliveries:write') &&
        html`<a class="small" href=${linkTo('/replays/new', missingOf(account, subscriptionId))}>
          Replay what it is missing
        </a>`
      }
    </div>
  </li>`
}

const aroundMs = 60_000

const missingOf = ({ event, deliveries }: EventAccount, subscriptionId: string) => {
  const at = Date.parse(deliveries[0]?.createdAt ?? event?.timestamp ?? new Date().toISOString())
  return {
    subscriptionId,
    status: 'missing',
    from: new Date(at - aroundMs).toISOString(),
    to: new Date(at + aroundMs).toISOString(),
  }
}

const Facts = ({ account: { id, visitId, event, deliveries } }: { account: EventAccount }) =>
  html`<section class="card" aria-label="About it">
    <div class="card-body">
      <dl class="facts narrow">
        <dt>Id</dt>
        <dd>
          <span class="with-copy"><code>${id}</code><${CopyButton} text=${id} what="the event id" /></span>
        </dd>
        <dt>Visit</dt>
        <dd>
          <span class="with-copy">
            <a href=${linkToDeliveries({ visitId })}><code>${visitId}</code></a>
            <${CopyButton} text=${visitId} what="the visit id" />
          </span>
        </dd>
        ${
          event !== null &&
          html`<dt>Happened</dt>
            <dd><${When} at=${event.timestamp} both /></dd>`
        }
        ${
          deliveries[0] !== undefined &&
          html`<dt>Accepted</dt>
            <dd><${When} at=${deliveries[0].createdAt} both /></dd>`
        }
        <dt>Sent to</dt>
        <dd>
          <a href=${linkToDeliveries({ eventId: id })}
            >${deliveries.length} ${deliveries.length === 1 ? 'delivery' : 'deliveries'}</a
          >
        </dd>
      </dl>
    </div>
  </section>`
