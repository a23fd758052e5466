import { useMemo, useRef } from 'preact/hooks'
import { ofTenant } from '../../api/client.ts'
import type { Delivery } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { html } from '../../html.ts'
import { serverNow } from '../../format/server-clock.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import { DeliveryFilters } from './delivery-filters.ts'
import { apiQuery, deliveryQuery, isNarrowed } from './delivery-query.ts'
import { DeliveryRow } from './delivery-row.ts'
import { DeliverySearch } from './delivery-search.ts'
import { type LiveList, useLiveList } from './use-live-list.ts'

/** The rows may move only while the reader is at the top, does not point at a row and has none focused. */
const atTopPx = 40

/** The delivery log, which grows as events are delivered. */
export const DeliveryList = () => {
  const query = deliveryQuery()
  const list = useRef<HTMLUListElement>(null)
  const wanted = useMemo(() => apiQuery(query, serverNow()), [JSON.stringify(query)])
  const pages = usePages<Delivery>(ofTenant('/deliveries'), wanted)
  const subscriptions = useSubscriptions()
  const mayMove = () => scrollY < atTopPx && list.current?.matches(':hover, :focus-within') !== true
  const live = useLiveList(pages, wanted, mayMove)
  return html`<${PageFrame}
    title="Deliveries"
    lead="Every event for every endpoint: what was sent, the response, and what happens next."
    actions=${html`<${Liveness} isLive=${live.isLive} />`}
  >
    <div class="find">
      <${DeliverySearch} />
      <${DeliveryFilters} query=${query} subscriptions=${subscriptions} />
    </div>
    <div class="log">
      <${Arrivals} live=${live} />
      <${Paged} of=${pages} empty=${isNarrowed(query) ? noneFound : noneYet}>
        ${(items: readonly Delivery[]) =>
          html`<ul class="rows" ref=${list} aria-label="Deliveries, newest first">
            ${items.map(
              one =>
                html`<${DeliveryRow}
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

const noneFound = html`<${EmptyState} title="No matching deliveries">
  Change the filters, or search for an id. The page of an event shows its outcome at each subscription, and why a
  subscription did not get it.
<//>`

const noneYet = html`<${EmptyState} title="No deliveries yet">
  When a visitor checks in, the deliveries to your subscriptions appear here by themselves.
<//>`

/** Whether the list is up to date. */
const Liveness = ({ isLive }: { isLive: boolean }) => {
  const wasLive = useRef(false)
  wasLive.current ||= isLive
  const lost = wasLive.current
    ? html`<${StatusBadge} tone="warn">Reconnecting… the list may be out of date<//>`
    : html`<${StatusBadge} tone="quiet">Connecting…<//>`
  return html`<span role="status">${isLive ? html`<${StatusBadge} tone="ok">Live<//>` : lost}</span>`
}

/** A button that shows the deliveries which arrived while the reader was reading. */
const Arrivals = ({ live: { waiting, hasGap, show } }: { live: LiveList }) => {
  const press = () => {
    show()
    scrollTo(0, 0)
  }
  return html`<div class="arrivals" role="status">
    ${
      (hasGap || waiting > 0) &&
      html`<button type="button" class="button primary" onClick=${press}>
        <${Icon} name="up" />${hasGap ? 'Many new deliveries' : counted(waiting, 'new delivery', 'new deliveries')}
      </button>`
    }
  </div>`
}
