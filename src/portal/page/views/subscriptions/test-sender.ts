import { useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import type { Delivery, EventType, Subscription } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { valueOf } from '../../parts/field.ts'
import { Icon } from '../../parts/icon.ts'
import { Notice } from '../../parts/notice.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { Trace } from '../../parts/trace.ts'
import { outcomeText } from '../deliveries/delivery-words.ts'

interface TestSenderProps {
  subscription: Subscription
  onSent: (sent: Delivery) => void
}

/** Sends a test event of a chosen type and shows the endpoint’s response. */
export const TestSender = ({ subscription, onSent }: TestSenderProps) => {
  const types = useLoad(async signal => (await get<{ items: EventType[] }>('/v1/event-types', { signal })).items, [])
  const offered = (types.data ?? []).filter(({ type }) => subscription.eventTypes.some(one => matches(one, type)))
  const [type, setType] = useState('')
  const [sent, setSent] = useState<Delivery | null>(null)
  const sending = useAction(async () => {
    setSent(null)
    const { body } = await call<Delivery>(ofTenant(`/subscriptions/${subscription.id}/test`), {
      method: 'POST',
      body: type === '' ? {} : { type },
    })
    setSent(body)
    onSent(body)
  })
  return html`<div class="test">
    <div class="test-line">
      <select aria-label="Type of the test event" value=${type} onChange=${(event: Event) => setType(valueOf(event))}>
        ${offered.map((one, index) => html`<option key=${one.type} value=${index === 0 ? '' : one.type}>${one.type}</option>`)}
      </select>
      <button type="button" class="button primary" disabled=${sending.isBusy} onClick=${() => sending.run()}>
        <${Icon} name="send" />${sending.isBusy ? 'Waiting for the response…' : 'Send test event'}
      </button>
    </div>
    <div aria-live="polite">
      ${sending.problem !== null && html`<${ProblemNotice} problem=${sending.problem} />`}
      ${sent !== null && html`<${TestResult} sent=${sent} />`}
    </div>
    <p class="hint">
      Sends a signed sample with the header <code>webhook-test: true</code> at once, even while the subscription is
      paused.
    </p>
  </div>`
}

const matches = (pattern: string, type: string): boolean =>
  pattern === type ||
  (pattern === '*' && type.startsWith('visit.')) ||
  (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

const TestResult = ({ sent: { status, attempts, traceId, jaegerUrl } }: { sent: Delivery }) => {
  const attempt = attempts.at(-1)
  const isGood = status === 'delivered'
  return html`<${Notice}
    tone=${isGood ? 'ok' : 'bad'}
    title=${isGood ? 'Your endpoint accepted the event' : 'Your endpoint did not accept the event'}
    foot=${html`<${Trace} traceId=${traceId} jaegerUrl=${jaegerUrl} what="the trace id" />`}
  >
    <p>${attempt !== undefined && resultText(attempt)} ${!isGood && attempt?.detail}</p>
    ${attempt?.response && html`<pre class="test-response" tabindex="0" role="region" aria-label="The response">${attempt.response}</pre>`}
  <//>`
}

const resultText = (attempt: Delivery['attempts'][number]): string => {
  const took = durationText(attempt.tookMs)
  return attempt.status === undefined
    ? `No response after ${took}: ${outcomeText(attempt)}.`
    : `It answered ${attempt.status} in ${took}.`
}
