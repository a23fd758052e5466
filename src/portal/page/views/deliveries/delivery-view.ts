import { useEffect } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Delivery, EventAccount, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { DeliveryBadge } from '../../parts/status-badge.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { may } from '../../session/session-state.ts'
import { DeliveryActions } from './delivery-actions.ts'
import { DeliveryAttempts, Trace } from './delivery-attempts.ts'
import { linkToDeliveries, linkToEvent } from './delivery-query.ts'
import { DeliveryRequest } from './delivery-request.ts'
import { goneText, inLocalTime } from './delivery-words.ts'
import { nameOf, useSubscriptions } from '../subscriptions/use-subscriptions.ts'

/** One event for one endpoint: how it stands and why, what was tried, and what was sent. Stays up to date. */
export const DeliveryView = ({ params: { id = '' } }: { params: Readonly<Record<string, string>> }) => {
  const [eventId = '', subscriptionId = ''] = id.split('.')
  const load = useLoad(signal => get<Delivery>(ofTenant(`/deliveries/${encodeURIComponent(id)}`), { signal }), [id])
  /** The answer to an action may come after the live update that tells what became of it. */
  const show = (row: Delivery) =>
    load.change(shown => (shown !== null && shown.updatedAt > row.updatedAt ? shown : row))
  const account = useLoad(
    signal => get<EventAccount>(ofTenant(`/events/${encodeURIComponent(eventId)}`), { signal }),
    [eventId],
  )
  const subscriptions = useSubscriptions()
  useLive({
    subscriptionId,
    onDelivery: row => row.id === id && show(row),
    onReturn: load.reload,
  })
  const changedAt = load.data?.updatedAt
  useEffect(() => {
    // The words of the account are those of the row as it was when it was asked for.
    if (account.data !== null) account.reload()
  }, [changedAt])
  const verdict = account.data?.subscriptions.find(one => one.subscriptionId === subscriptionId)
  const isFresh = verdict?.outcome === load.data?.status
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
        <${Standing} delivery=${delivery} explanation=${isFresh ? verdict?.explanation : undefined} />
        <div class="columns">
          <div class="column">
            <section class="card">
              <h2>Attempts</h2>
              <div class="card-body">
                <${DeliveryAttempts} delivery=${delivery} subscription=${subscriptions?.get(subscriptionId)} />
              </div>
            </section>
            <${DeliveryRequest}
              delivery=${delivery}
              event=${account.data?.event ?? null}
              subscription=${subscriptions?.get(subscriptionId)}
            />
          </div>
          <${Facts} delivery=${delivery} subscriptions=${subscriptions} />
        </div>
      `}
    <//>
  <//>`
}

const tones: Readonly<Record<string, string>> = { dead: 'bad', held: 'warn' }

/** How it stands, and why, in plain words. */
const Standing = ({ delivery, explanation = '' }: { delivery: Delivery; explanation?: string | undefined }) => {
  const { status, nextAttemptAt } = delivery
  const gone = goneText(delivery)
  return html`<section class=${`state ${tones[status] ?? 'quiet'}`} aria-label="How it stands">
    <div class="state-line" role="status">
      <${DeliveryBadge} status=${status} />
      ${nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now.value && html`<span>next attempt <${When} at=${nextAttemptAt} both /></span>`}
    </div>
    ${explanation !== '' && html`<p>${inLocalTime(explanation)}</p>`}
    ${gone !== '' && html`<p class="quiet">${gone}</p>`}
  </section>`
}

interface FactsProps {
  delivery: Delivery
  subscriptions: ReadonlyMap<string, Subscription> | null
}

const Facts = ({ delivery, subscriptions }: FactsProps) => {
  const { id, eventId, visitId, subscriptionId, kind, createdAt, updatedAt } = delivery
  const name = nameOf(subscriptions, subscriptionId)
  return html`<section class="card" aria-label="About it">
    <div class="card-body">
      <dl class="facts narrow">
        <dt>Visit</dt>
        <dd>
          <span class="with-copy">
            <a href=${linkToDeliveries({ visitId })}><code>${visitId}</code></a>
            <${CopyButton} text=${visitId} what="the visit id" />
          </span>
        </dd>
        <dt>Event</dt>
        <dd>
          <span class="with-copy">
            <a href=${linkToEvent(eventId)}><code>${eventId}</code></a
            ><${CopyButton} text=${eventId} what="the event id" />
          </span>
        </dd>
        <dt>To</dt>
        <dd>
          ${
            subscriptions?.has(subscriptionId) === true
              ? html`<a href=${linkTo(`/subscriptions/${subscriptionId}`)}>${name}</a>`
              : html`<code>${subscriptionId}</code>`
          }
        </dd>
        ${
          kind !== undefined &&
          html`<dt>Kind</dt>
            <dd>${kind}</dd>`
        }
        <dt>Id</dt>
        <dd>
          <span class="with-copy"><code>${id}</code><${CopyButton} text=${id} what="the delivery id" /></span>
        </dd>
        <dt>Accepted</dt>
        <dd><${When} at=${createdAt} /></dd>
        <dt>Changed</dt>
        <dd><${When} at=${updatedAt} /></dd>
        <dt>Trace</dt>
        <dd><${Trace} of=${delivery} what="the trace id" /></dd>
      </dl>
    </div>
  </section>`
}
