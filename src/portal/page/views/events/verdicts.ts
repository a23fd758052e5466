import type { Delivery, EventAccount, Verdict } from '../../api/shapes.ts'
import { inLocalTime } from '../../format/time.ts'
import { minuteMs } from '../../format/units.ts'
import { html } from '../../html.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { DeliveryBadge, StatusBadge } from '../../parts/status-badge.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { linkToDelivery } from '../deliveries/delivery-query.ts'
import { nameOf, type Subscriptions } from '../subscriptions/use-subscriptions.ts'

interface VerdictsProps {
  account: EventAccount
  subscriptions: Subscriptions
}

/** The outcome of an event at each subscription, with its explanation. */
export const Verdicts = ({ account, subscriptions }: VerdictsProps) => {
  const { deliveries } = account
  const known = new Set(account.subscriptions.map(({ subscriptionId }) => subscriptionId))
  const orphans = deliveries.filter(({ subscriptionId }) => !known.has(subscriptionId))
  const verdicts = account.subscriptions.toSorted((one, other) => rankOf(one) - rankOf(other))
  if (verdicts.length === 0 && orphans.length === 0)
    return html`<div class="card-body">
      <${EmptyState} title="No subscriptions">There was no subscription that the event could be sent to.<//>
    </div>`
  return html`<ul class="rows">
    ${verdicts.map(
      verdict =>
        html`<${VerdictRow}
          key=${verdict.subscriptionId}
          verdict=${verdict}
          name=${nameOf(subscriptions, verdict.subscriptionId)}
          delivery=${deliveries.find(({ subscriptionId }) => subscriptionId === verdict.subscriptionId)}
          account=${account}
        />`,
    )}
    ${orphans.map(
      row =>
        html`<li class="row badged verdict" key=${row.id}>
          <${DeliveryBadge} status=${row.status} />
          <div>
            <a href=${linkToDelivery(row.id)}><code>${row.subscriptionId}</code></a>
            <p>This subscription has been deleted.</p>
          </div>
        </li>`,
    )}
  </ul>`
}

/** Deliveries come first, those that need attention before the others, and subscriptions that the event did not match come last. */
const ranks = ['dead', 'held', 'pending', 'delivered', 'cancelled', 'unknown', 'not_matched']
const rankOf = ({ outcome }: Verdict): number => ranks.indexOf(outcome)

/** Outcomes without a delivery. */
const undelivered: Readonly<Record<string, string>> = { not_matched: 'no match', unknown: 'unknown' }

interface RowProps {
  verdict: Verdict
  name: string
  delivery: Delivery | undefined
  account: EventAccount
}

const VerdictRow = ({ verdict, name, delivery, account }: RowProps) => {
  const { outcome, explanation, subscriptionId } = verdict
  const word = undelivered[outcome]
  const canReplay = word !== undefined && /replay/i.test(explanation) && may('deliveries:write')
  return html`<li class="row badged verdict">
    ${word === undefined ? html`<${DeliveryBadge} status=${outcome} />` : html`<${StatusBadge} tone="quiet">${word}<//>`}
    <div>
      ${delivery === undefined ? html`<b>${name}</b>` : html`<a href=${linkToDelivery(delivery.id)}>${name}</a>`}
      <p>${inLocalTime(explanation)}</p>
      ${
        canReplay &&
        html`<a class="small" href=${linkTo('/replays/new', replayOf(account, subscriptionId))}>
          Replay the missing events
        </a>`
      }
    </div>
  </li>`
}

/** A replay of what the subscription is missing, from a minute before the event to a minute after it. */
const replayOf = ({ event, deliveries }: EventAccount, subscriptionId: string) => {
  const at = Date.parse(deliveries[0]?.createdAt ?? event?.timestamp ?? new Date().toISOString())
  return {
    subscriptionId,
    status: 'missing',
    from: new Date(at - minuteMs).toISOString(),
    to: new Date(at + minuteMs).toISOString(),
  }
}
