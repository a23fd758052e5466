import { useMemo, useRef } from 'preact/hooks'
import { ofTenant } from '../../api/client.ts'
import type { Delivery, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { DeliveryBadge, StatusBadge } from '../../parts/status-badge.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { When } from '../../parts/when.ts'
import { DeliveryFilters } from './delivery-filters.ts'
import { apiQuery, deliveryQuery, isNarrowed, linkToDelivery } from './delivery-query.ts'
import { DeliverySearch } from './delivery-search.ts'
import { lastText, reasonText } from './delivery-words.ts'
import { type LiveList, useLiveList } from './use-live-list.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'

/** A reader who has scrolled, points at a row or stands on one with the keyboard is not to lose it. */
const atTopPx = 40

/** The delivery log, as it grows. */
export const DeliveryList = () => {
  const query = deliveryQuery()
  const list = useRef<HTMLUListElement>(null)
  const asked = useMemo(() => apiQuery(query, Date.now()), [JSON.stringify(query)])
  const pages = usePages<Delivery>(ofTenant('/deliveries'), asked)
  const subscriptions = useSubscriptions()
  const live = useLiveList(
    pages,
    asked,
    () => scrollY < atTopPx && list.current?.matches(':hover, :focus-within') !== true,
  )
  return html`<${PageFrame}
    title="Deliveries"
    lead="Every event for every endpoint: what was sent, what came back, and what is tried next."
    actions=${html`<${Liveness} isLive=${live.isLive} />`}
  >
    <div class="find">
      <${DeliverySearch} />
      <${DeliveryFilters} query=${query} subscriptions=${subscriptions} />
    </div>
    <div class="log">
      <${Waiting} live=${live} />
      <${Paged} of=${pages} empty=${isNarrowed(query) ? noneFound : noneYet}>
        ${(items: readonly Delivery[]) =>
          html`<ul class="deliveries" ref=${list} aria-label="Deliveries, the newest first">
            ${items.map(
              one =>
                html`<${Row}
                  key=${one.id}
                  delivery=${one}
                  subscriptions=${subscriptions}
                  isFresh=${live.fresh.has(one.id)}
                />`,
            )}
          </ul>`}
      <//>
    </div>
  <//>`
}

const noneFound = html`<${EmptyState} title="No delivery fits">
  Widen the filters, or look for an id. What an event did at each subscription, and why one did not get it, is on the
  event’s own page.
<//>`

const noneYet = html`<${EmptyState} title="Nothing was sent yet">
  As soon as a visitor checks in and a subscription wants to know, its delivery appears here by itself.
<//>`

/** Whether the list follows by itself. */
const Liveness = ({ isLive }: { isLive: boolean }) => {
  const wasLive = useRef(false)
  wasLive.current ||= isLive
  const lost = wasLive.current
    ? html`<${StatusBadge} tone="warn">Reconnecting… what is shown may be old<//>`
    : html`<${StatusBadge} tone="quiet">Connecting…<//>`
  return html`<span role="status">${isLive ? html`<${StatusBadge} tone="ok">Live<//>` : lost}</span>`
}

const Waiting = ({ live: { waiting, hasGap, show } }: { live: LiveList }) => {
  const text = hasGap ? 'Many new deliveries' : `${waiting} new ${waiting === 1 ? 'delivery' : 'deliveries'}`
  const press = () => {
    show()
    scrollTo(0, 0)
  }
  return html`<div class="arrivals" role="status">
    ${
      (hasGap || waiting > 0) &&
      html`<button type="button" class="button primary" onClick=${press}><${Icon} name="up" />${text}</button>`
    }
  </div>`
}

interface RowProps {
  delivery: Delivery
  subscriptions: ReadonlyMap<string, Subscription> | null
  isFresh: boolean
}

const Row = ({ delivery, subscriptions, isFresh }: RowProps) => {
  const { id, type, visitId, status, kind, subscriptionId, createdAt } = delivery
  return html`<li class=${isFresh ? 'delivery fresh' : 'delivery'}>
    <div class="delivery-status"><${DeliveryBadge} status=${status} /></div>
    <div class="delivery-event">
      <a href=${linkToDelivery(id)}>${type}</a>
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

/** How it stands, in a line. */
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
