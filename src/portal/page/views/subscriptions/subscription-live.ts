import { useState } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Delivery, Page, Subscription } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Loaded } from '../../parts/loaded.ts'
import { DeliveryBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { may } from '../../session/session-state.ts'
import { linkToDeliveries, linkToDelivery } from '../deliveries/delivery-query.ts'
import { outcomeText } from '../deliveries/delivery-words.ts'
import { TestSender } from './test-sender.ts'

const shownCount = 8
const keptCount = 50

/** Sends test events, and shows the newest deliveries of the subscription as they change. */
export const SubscriptionLive = ({ subscription }: { subscription: Subscription }) => {
  const { id } = subscription
  const canRead = may('deliveries:read')
  const load = useLoad<Page<Delivery>>(
    signal =>
      canRead
        ? get(ofTenant('/deliveries'), { query: { subscriptionId: id, limit: shownCount }, signal })
        : Promise.resolve({ items: [], next: null }),
    [id],
  )
  const [arrived, setArrived] = useState<readonly Delivery[]>([])
  const [testId, setTestId] = useState<string | null>(null)
  const add = (delivery: Delivery) =>
    setArrived(before => [delivery, ...before.filter(one => one.id !== delivery.id)].slice(0, keptCount))
  const isLive = useLive({ subscriptionId: id, isWanted: canRead, onReturn: load.reload, onDelivery: add })
  const rows = newest([...arrived, ...(load.data?.items ?? [])])
  const aside =
    canRead &&
    html`<span class=${isLive ? 'live on' : 'live'}><span class="dot"></span>${isLive ? 'live' : 'connecting…'}</span
      ><a class="small" href=${linkToDeliveries({ subscriptionId: id })}>All deliveries</a>`
  return html`<${Card} title="Deliveries" aside=${aside}>
    ${
      may('subscriptions:write') &&
      html`<${TestSender}
        subscription=${subscription}
        onSent=${(delivery: Delivery) => {
          setTestId(delivery.id)
          add(delivery)
        }}
      />`
    }
    ${
      canRead &&
      html`<${Loaded} of=${load} lines=${3}>
        ${() =>
          rows.length === 0
            ? html`<p class="quiet">
                No deliveries yet. Send a test event, or wait for the next visitor: new deliveries appear here at once.
              </p>`
            : html`<ol class="live-rows" aria-label="Newest deliveries">
                ${rows.map(row => html`<${LiveRow} key=${row.id} row=${row} isTest=${row.id === testId} />`)}
              </ol>`}
      <//>`
    }
  <//>`
}

const newest = (rows: readonly Delivery[]): readonly Delivery[] =>
  [...new Map(rows.toReversed().map(row => [row.id, row])).values()]
    .toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt))
    .slice(0, shownCount)

const LiveRow = ({ row, isTest }: { row: Delivery; isTest: boolean }) => {
  const last = row.attempts.at(-1)
  return html`<li class=${isTest ? 'live-row fresh' : 'live-row'}>
    <${DeliveryBadge} status=${row.status} />
    <span class="live-what">
      <a href=${linkToDelivery(row.id)}><code>${row.type}</code></a>
      ${row.kind !== undefined && html`<span class="chip">${row.kind}</span>`}
      <span class="quiet">${row.visitId}</span>
    </span>
    <span class="number">${last !== undefined && `${outcomeText(last)} in ${durationText(last.tookMs)}`}</span>
    <span class="quiet"><${When} at=${row.createdAt} /></span>
  </li>`
}
