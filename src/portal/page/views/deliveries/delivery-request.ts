import type { Delivery, EventAccount, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { CodeBlock, prettyJson } from '../../parts/code-block.ts'
import { goneText } from './delivery-words.ts'

interface RequestProps {
  delivery: Delivery
  /** Null until it is read, or where it cannot be. */
  event: EventAccount['event']
  /** As it is now; undefined when it was deleted or may not be seen. */
  subscription: Subscription | undefined
}

/** What the endpoint gets: the names of all headers with what is no secret, and the body where it is kept. */
export const DeliveryRequest = ({ delivery, event, subscription }: RequestProps) => {
  const gone = goneText(delivery)
  return html`<section class="card">
    <h2>Request</h2>
    <div class="card-body">
      <dl class="facts headers">
        ${headersOf(delivery, subscription).map(
          ([name, value]) =>
            html`<dt key=${name}><code>${name}</code></dt>
              <dd>${value}</dd>`,
        )}
      </dl>
      ${
        event === null
          ? html`<p class="quiet small">${gone || 'The event’s content is no longer kept.'}</p>`
          : html`<${CodeBlock} code=${prettyJson(bodyOf(event, subscription))} what="the body" /> ${
                event.sequence === undefined &&
                html`<p class="hint">
                  The body also has <code>sequence</code>: the event’s place in the stream, as its publisher gave none.
                </p>`
              }`
      }
    </div>
  </section>`
}

const headersOf = (delivery: Delivery, subscription: Subscription | undefined) => {
  const last = delivery.attempts.at(-1)
  const own = Object.keys(subscription?.headers ?? {})
  const rows: (readonly [string, unknown])[] = [
    ['webhook-id', html`<code>${delivery.eventId}</code>, the same at every attempt`],
    [
      'webhook-timestamp',
      last === undefined
        ? 'of the attempt, in seconds'
        : html`<code>${Math.floor(Date.parse(last.at) / 1_000)}</code>, of the last attempt`,
    ],
    ['webhook-attempt', html`<code>${last?.number ?? 1}</code>`],
    ['webhook-signature', html`<code>v1,…</code> by the subscription’s secret, anew at each attempt`],
    ['webhook-jws', html`<code>…..…</code> by Doorbell’s signing key, anew at each attempt`],
  ]
  if (delivery.kind !== undefined) rows.push([`webhook-${delivery.kind}`, html`<code>true</code>`])
  rows.push(['content-type', html`<code>application/json</code>`], ['user-agent', html`<code>Doorbell/…</code>`])
  if (subscription?.propagateTrace === true) rows.push(['traceparent', 'of the attempt’s span'])
  if (subscription?.auth !== undefined) rows.push(['authorization', 'as you set it, kept sealed'])
  return [...rows, ...own.map(name => [name, 'as you set it, kept sealed'] as const)]
}

const bodyOf = (event: NonNullable<EventAccount['event']>, subscription: Subscription | undefined) => {
  const { id, type, timestamp, visitId, sequence, data } = event
  const thin = { id, type, timestamp, visitId, ...(sequence === undefined ? {} : { sequence }) }
  return subscription?.payload === 'thin' ? thin : { ...thin, data }
}
