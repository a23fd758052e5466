import { useState } from 'preact/hooks'
import { call, get, ofTenant } from '../../api/client.ts'
import type { Delivery, EventType, Page, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { durationText } from '../../format/duration.ts'
import { Icon } from '../../parts/icon.ts'
import { Loaded } from '../../parts/loaded.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { DeliveryBadge } from '../../parts/status-badge.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLive } from '../../hooks/use-live.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { linkTo } from '../../router.ts'
import { routeExists } from '../../known-routes.ts'
import { may } from '../../session/session-state.ts'

/** How many of the newest deliveries are shown. */
const shownCount = 8

/** Sends a test event, and shows what arrives at the endpoint as it arrives. */
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
  const isLive = useLive({
    subscriptionId: id,
    isWanted: canRead,
    onReturn: load.reload,
    onDelivery: delivery =>
      setArrived(before => [delivery, ...before.filter(one => one.id !== delivery.id)].slice(0, 50)),
  })
  const rows = newest([...arrived, ...(load.data?.items ?? [])])
  return html`<section class="card">
    <header class="live-head">
      <h2>Deliveries</h2>
      ${
        canRead &&
        html`<span class=${isLive ? 'live on' : 'live'}
          ><span class="dot"></span>${isLive ? 'live' : 'connecting…'}</span
        >`
      }
      ${routeExists('/deliveries') && html`<a class="small" href=${linkTo('/deliveries', { subscriptionId: id })}>All deliveries</a>`}
    </header>
    <div class="card-body">
      ${
        may('subscriptions:write') &&
        html`<${TestSender}
          subscription=${subscription}
          onSent=${(delivery: Delivery) => {
            setTestId(delivery.id)
            setArrived(before => [delivery, ...before.filter(one => one.id !== delivery.id)])
          }}
        />`
      }
      ${
        canRead &&
        html`<${Loaded} of=${load} lines=${3}>
          ${() =>
            rows.length === 0
              ? html`<p class="quiet">
                  Nothing yet. Send a test event, or wait for the next visitor: it shows here at once.
                </p>`
              : html`<ol class="live-rows" aria-label="Newest deliveries">
                  ${rows.map(row => html`<${LiveRow} key=${row.id} row=${row} isTest=${row.id === testId} />`)}
                </ol>`}
        <//>`
      }
    </div>
  </section>`
}

const newest = (rows: readonly Delivery[]): readonly Delivery[] =>
  [...new Map(rows.toReversed().map(row => [row.id, row])).values()]
    .toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt))
    .slice(0, shownCount)

const TestSender = ({ subscription, onSent }: { subscription: Subscription; onSent: (sent: Delivery) => void }) => {
  const types = useLoad(async signal => (await get<{ items: EventType[] }>('/v1/event-types', { signal })).items, [])
  const fitting = (types.data ?? []).filter(({ type }) => subscription.eventTypes.some(pattern => fits(pattern, type)))
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
      <select
        aria-label="Type of the test event"
        value=${type}
        onChange=${(event: Event) => setType((event.target as HTMLSelectElement).value)}
      >
        ${fitting.map((one, index) => html`<option key=${one.type} value=${index === 0 ? '' : one.type}>${one.type}</option>`)}
      </select>
      <button type="button" class="button primary" disabled=${sending.isBusy} onClick=${() => sending.run()}>
        <${Icon} name="send" />${sending.isBusy ? 'Waiting for the answer…' : 'Send test event'}
      </button>
    </div>
    <div aria-live="polite">
      ${sending.problem !== null && html`<${ProblemNotice} problem=${sending.problem} />`}
      ${sent !== null && html`<${TestAnswer} sent=${sent} />`}
    </div>
    <p class="hint">
      A signed sample, marked with <code>webhook-test: true</code>. It is sent at once, also while the subscription is
      paused.
    </p>
  </div>`
}

const fits = (pattern: string, type: string): boolean =>
  pattern === type ||
  (pattern === '*' && type.startsWith('visit.')) ||
  (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

const TestAnswer = ({ sent }: { sent: Delivery }) => {
  const attempt = sent.attempts.at(-1)
  const isGood = sent.status === 'delivered'
  return html`<div class=${`notice ${isGood ? 'ok' : 'bad'}`}>
    <${Icon} name=${isGood ? 'check' : 'alert'} />
    <div class="notice-body">
      <p class="notice-title">${isGood ? 'Your endpoint took it' : 'Your endpoint did not take it'}</p>
      <p>
        ${attempt?.status === undefined ? `No answer${attempt?.error === undefined ? '' : ` (${attempt.error})`}` : `It answered ${attempt.status}`}
        ${attempt && ` in ${durationText(attempt.tookMs)}.`} ${!isGood && attempt?.detail}
      </p>
      ${attempt?.response && html`<pre class="answer" tabindex="0" role="region" aria-label="The answer">${attempt.response}</pre>`}
      <div class="notice-foot"><${Trace} row=${sent} /></div>
    </div>
  </div>`
}

const Trace = ({ row: { jaegerUrl, traceId } }: { row: Delivery }) =>
  jaegerUrl === undefined
    ? traceId !== '' && html`<span class="trace">Trace <code>${traceId}</code></span>`
    : html`<a href=${jaegerUrl} target="_blank" rel="noopener">Show its trace</a>`

const LiveRow = ({ row, isTest }: { row: Delivery; isTest: boolean }) => {
  const last = row.attempts.at(-1)
  const answer = last === undefined ? '' : `${last.status ?? last.error ?? ''} in ${durationText(last.tookMs)}`
  const name = html`<code>${row.type}</code>`
  return html`<li class=${isTest ? 'live-row fresh' : 'live-row'}>
    <${DeliveryBadge} status=${row.status} />
    <span class="live-what">
      ${routeExists('/deliveries/:id') ? html`<a href=${linkTo(`/deliveries/${encodeURIComponent(row.id)}`)}>${name}</a>` : name}
      ${row.kind !== undefined && html`<span class="chip">${row.kind}</span>`}
      <span class="quiet">${row.visitId}</span>
    </span>
    <span class="live-answer number">${answer}</span>
    <span class="quiet"><${When} at=${row.createdAt} /></span>
  </li>`
}
