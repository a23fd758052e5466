import { get, ofTenant } from '../../api/client.ts'
import type { EventAccount } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { CodeBlock, prettyJson } from '../../parts/code-block.ts'
import { Copyable } from '../../parts/copyable.ts'
import { Fact, Facts } from '../../parts/facts.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { When } from '../../parts/when.ts'
import type { ViewProps } from '../../router.ts'
import { linkToDeliveries } from '../deliveries/delivery-query.ts'
import { useSubscriptions } from '../subscriptions/use-subscriptions.ts'
import { eventBody } from './event-body.ts'
import { Verdicts } from './verdicts.ts'

/** One event: its outcome at each subscription, and its content. It stays up to date. */
export const EventView = ({ params: { id = '' } }: ViewProps) => {
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
            <${Card} title="Outcome at each subscription" isBare>
              <${Verdicts} account=${account} subscriptions=${subscriptions} />
            <//>
            <${Card} title="Content">
              ${
                account.event === null
                  ? html`<p class="quiet">
                      The content is no longer kept: your tenant’s retention period is over, or the visitor was erased.
                    </p>`
                  : html`<${CodeBlock} code=${prettyJson(eventBody(account.event))} what="the event" />`
              }
            <//>
          </div>
          <${EventFacts} account=${account} />
        </div>`}
    <//>
  <//>`
}

const EventFacts = ({ account: { id, visitId, event, deliveries } }: { account: EventAccount }) => {
  const acceptedAt = deliveries[0]?.createdAt
  return html`<${Card} label="About this event">
    <${Facts} isNarrow>
      <${Fact} term="Id"><${Copyable} text=${id} what="the event id" /><//>
      <${Fact} term="Visit"
        ><${Copyable} text=${visitId} what="the visit id" href=${linkToDeliveries({ visitId })}
      /><//>
      ${event !== null && html`<${Fact} term="Happened"><${When} at=${event.timestamp} both /><//>`}
      ${acceptedAt !== undefined && html`<${Fact} term="Accepted"><${When} at=${acceptedAt} both /><//>`}
      <${Fact} term="Sent to">
        <a href=${linkToDeliveries({ eventId: id })}>${counted(deliveries.length, 'delivery', 'deliveries')}</a>
      <//>
    <//>
  <//>`
}
