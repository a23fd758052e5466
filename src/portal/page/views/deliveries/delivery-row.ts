import type { Delivery } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { DeliveryBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { nameOf, type Subscriptions } from '../subscriptions/use-subscriptions.ts'
import { linkToDelivery } from './delivery-query.ts'
import { lastText, reasonText } from './delivery-words.ts'

interface RowProps {
  delivery: Delivery
  subscriptions: Subscriptions
  /** True: it arrived while the list was shown. */
  isFresh: boolean
}

/** A delivery in the list. */
export const DeliveryRow = ({ delivery, subscriptions, isFresh }: RowProps) => {
  const { id, type, visitId, status, kind, subscriptionId, createdAt } = delivery
  return html`<li class=${isFresh ? 'row linked delivery fresh' : 'row linked delivery'}>
    <div class="delivery-status"><${DeliveryBadge} status=${status} /></div>
    <div class="delivery-event">
      <a class="row-link" href=${linkToDelivery(id)}>${type}</a>
      <span class="delivery-visit">
        <code>${visitId}</code>${kind !== undefined && html` <span class="chip">${kind}</span>`}
      </span>
    </div>
    <div class="delivery-to">
      <span class="delivery-name">${nameOf(subscriptions, subscriptionId)}</span>
      <span class="delivery-last"><${Outcome} delivery=${delivery} /></span>
    </div>
    <div class="delivery-when"><${When} at=${createdAt} /></div>
  </li>`
}

/** The latest attempt, the reason for the status, and the time of the next attempt. */
const Outcome = ({ delivery }: { delivery: Delivery }) => {
  const { status, nextAttemptAt } = delivery
  const reason = status === 'delivered' ? '' : reasonText(delivery)
  const parts = [
    (reason === '' || delivery.attempts.length > 0) && lastText(delivery),
    reason,
    nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.value && html`next <${When} at=${nextAttemptAt} />`,
  ].filter(Boolean)
  return parts.map((part, index) => html`${index > 0 && ' · '}${part}`)
}
