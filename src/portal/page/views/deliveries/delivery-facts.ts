import type { Delivery, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Copyable } from '../../parts/copyable.ts'
import { Fact, Facts } from '../../parts/facts.ts'
import { Trace } from '../../parts/trace.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { titleOf } from '../subscriptions/subscription-state.ts'
import { linkToDeliveries, linkToEvent } from './delivery-query.ts'

interface FactsProps {
  delivery: Delivery
  /** Undefined if it was deleted or the token may not read it. */
  subscription: Subscription | undefined
}

/** The ids, times and trace of a delivery. */
export const DeliveryFacts = ({ delivery, subscription }: FactsProps) => {
  const { id, eventId, visitId, subscriptionId, kind, createdAt, updatedAt, traceId, jaegerUrl } = delivery
  return html`<${Card} label="About this delivery">
    <${Facts} isNarrow>
      <${Fact} term="Visit"
        ><${Copyable} text=${visitId} what="the visit id" href=${linkToDeliveries({ visitId })}
      /><//>
      <${Fact} term="Event"><${Copyable} text=${eventId} what="the event id" href=${linkToEvent(eventId)} /><//>
      <${Fact} term="To">
        ${
          subscription === undefined
            ? html`<code>${subscriptionId}</code>`
            : html`<a href=${linkTo(`/subscriptions/${subscriptionId}`)}>${titleOf(subscription)}</a>`
        }
      <//>
      ${kind !== undefined && html`<${Fact} term="Kind">${kind}<//>`}
      <${Fact} term="Id"><${Copyable} text=${id} what="the delivery id" /><//>
      <${Fact} term="Accepted"><${When} at=${createdAt} /><//>
      <${Fact} term="Changed"><${When} at=${updatedAt} /><//>
      <${Fact} term="Trace"><${Trace} traceId=${traceId} jaegerUrl=${jaegerUrl} what="the trace id" /><//>
    <//>
  <//>`
}
