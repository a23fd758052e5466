import { useEffect } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Delivery, EventAccount } from '../../api/shapes.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import type { ViewProps } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import { DeliveryActions } from './delivery-actions.ts'
import { DeliveryAttempts } from './delivery-attempts.ts'
import { DeliveryFacts } from './delivery-facts.ts'
import { linkToDeliveries } from './delivery-query.ts'
import { DeliveryRequest } from './delivery-request.ts'
import { DeliveryStanding } from './delivery-standing.ts'

/** One event for one endpoint: its status and the reason, its attempts, and its request. It stays up to date. */
export const DeliveryView = ({ params: { id = '' } }: ViewProps) => {
  const [eventId = '', subscriptionId = ''] = id.split('.')
  const load = useLoad(signal => get<Delivery>(ofTenant(`/deliveries/${encodeURIComponent(id)}`), { signal }), [id])
  /** The answer to an action may arrive after a live update that is newer. */
  const show = (row: Delivery) =>
    load.change(shown => (shown !== null && shown.updatedAt > row.updatedAt ? shown : row))
  const account = useLoad(
    signal => get<EventAccount>(ofTenant(`/events/${encodeURIComponent(eventId)}`), { signal }),
    [eventId],
  )
  const subscriptions = useSubscriptions()
  const subscription = subscriptions?.get(subscriptionId)
  useLive({
    subscriptionId,
    onDelivery: row => row.id === id && show(row),
    onReturn: load.reload,
  })
  const changedAt = load.data?.updatedAt
  useEffect(() => {
    // The explanation in the account describes the row at the time of the request.
    if (account.data !== null) account.reload()
  }, [changedAt])
  const verdict = account.data?.subscriptions.find(one => one.subscriptionId === subscriptionId)
  const explanation = verdict?.outcome === load.data?.status ? verdict?.explanation : undefined
  return html`<${PageFrame}
    title=${load.data?.type ?? 'Delivery'}
    back=${{ href: linkToDeliveries(), label: 'Deliveries' }}
    lead=${load.data !== null && html`to ${nameOf(subscriptions, subscriptionId)}`}
    actions=${
      load.data !== null && may('deliveries:write') && html`<${DeliveryActions} delivery=${load.data} onDone=${show} />`
    }
  >
    <${Loaded} of=${load} lines=${8}>
      ${(delivery: Delivery) => html`
        <${DeliveryStanding} delivery=${delivery} explanation=${explanation} />
        <div class="columns">
          <div class="column">
            <${Card} title="Attempts"><${DeliveryAttempts} delivery=${delivery} subscription=${subscription} /><//>
            <${DeliveryRequest}
              delivery=${delivery}
              event=${account.data?.event ?? null}
              subscription=${subscription}
            />
          </div>
          <${DeliveryFacts} delivery=${delivery} subscription=${subscription} />
        </div>
      `}
    <//>
  <//>`
}
