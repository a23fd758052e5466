import type { Delivery, EventAccount, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { CodeBlock, prettyJson } from '../../parts/code-block.ts'
import { Fact } from '../../parts/facts.ts'
import { eventBody } from '../events/event-body.ts'
import { goneText } from './delivery-words.ts'

interface RequestProps {
  delivery: Delivery
  /** Null until it has been read, and if it is no longer kept. */
  event: EventAccount['event']
  /** In its current state; undefined if it was deleted or the token may not read it. */
  subscription: Subscription | undefined
}

/** The request that the endpoint receives: all headers, without the secret values, and the body while it is kept. */
export const DeliveryRequest = ({ delivery, event, subscription }: RequestProps) =>
  html`<${Card} title="Request">
    <dl class="facts headers">
      ${headersOf(delivery, subscription).map(
        ([name, value]) => html`<${Fact} key=${name} term=${html`<code>${name}</code>`}>${value}<//>`,
      )}
    </dl>
    ${
      event === null
        ? html`<p class="quiet small">${goneText(delivery) || 'The content of the event is no longer kept.'}</p>`
        : html`<${CodeBlock} code=${prettyJson(eventBody(event, subscription?.payload))} what="the body" />
            ${event.sequence === undefined && html`<p class="hint">The body also has <code>sequence</code>: the position of the event in the stream, as the publisher set none.</p>`}`
    }
  <//>`

const storedSecret = 'as you set it; stored encrypted'

const headersOf = (delivery: Delivery, subscription: Subscription | undefined) => {
  const { eventId, attempts, kind } = delivery
  const last = attempts.at(-1)
  const own = Object.keys(subscription?.headers ?? {})
  const rows: (readonly [string, unknown])[] = [
    ['webhook-id', html`<code>${eventId}</code>, the same for every attempt`],
    [
      'webhook-timestamp',
      last === undefined
        ? 'time of the attempt, in seconds'
        : html`<code>${Math.floor(Date.parse(last.at) / 1_000)}</code>, time of the latest attempt`,
    ],
    ['webhook-attempt', html`<code>${last?.number ?? 1}</code>`],
    ['webhook-signature', html`<code>v1,…</code> made with the subscription’s secret for each attempt`],
    ['webhook-jws', html`<code>…..…</code> made with Doorbell’s signing key for each attempt`],
  ]
  if (kind !== undefined) rows.push([`webhook-${kind}`, html`<code>true</code>`])
  rows.push(['content-type', html`<code>application/json</code>`], ['user-agent', html`<code>Doorbell/…</code>`])
  if (subscription?.propagateTrace === true) rows.push(['traceparent', 'the span of the attempt'])
  if (subscription?.auth !== undefined) rows.push(['authorization', storedSecret])
  return [...rows, ...own.map(name => [name, storedSecret] as const)]
}
