import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import { exporter } from '../../test/support/telemetry.ts'
import type { AttemptOrder } from '../../actors/attempt/protocol.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createSendAttempt, type SendingPorts } from './send-attempt.ts'
import { meanings } from '../domain/meaning.ts'

const url = 'https://user:password@receiver.example:8443/hook/path-token?key=query-token'
const subscription = aSubscription({ url, propagateTrace: true })

/** Makes one attempt with this outcome, and returns everything that is seen of it. */
const attempted = async (
  outcome: Outcome | Error,
  { delivery = {}, order = {} }: { delivery?: Partial<Delivery>; order?: Partial<AttemptOrder> } = {},
) => {
  exporter.reset()
  const posted: Parameters<SendingPorts['post']>[0][] = []
  const fake = fakePorts<SendingPorts>({
    sign: async () => {
      if (outcome instanceof Error) throw outcome
      return 'jws'
    },
    'activity.attempted': () => undefined,
    post: async (request: (typeof posted)[number]) => (posted.push(request), outcome),
    extraHeaders: async () => ({}),
  })
  const { sign, standardSignature, extraHeaders, post, metrics, activity, log } = fake.ports
  const ending = new AbortController().signal
  const send = createSendAttempt({
    sign,
    standardSignature,
    extraHeaders,
    post,
    ending,
    metrics,
    activity,
    log,
    now: () => 0,
  })
  const ordered = {
    delivery: aDelivery('evt-1', { createdAt: Date.now() - 1_000, ...delivery }),
    subscription,
    number: 3,
    receiverHealthy: false,
    ...order,
  }
  const result = await send(ordered)
  const [spans, seen] = [exporter.getFinishedSpans(), fake.calls.filter(([path]) => path === 'activity.attempted')]
  const span = (name: string) => spans.find(each => each.name === name) as ReadableSpan
  const { lines, counts } = fake
  return { ordered, result, posted, ending, span, spans, lines, counts, activity: seen }
}
const ids = { tenant: 'acme', subscriptionId: 'sub_1', eventId: 'evt-1', visitId: 'visit-1', type: 'visit.checked_in' }

test.serial(
  'a delivered attempt is one span with a POST below it, one debug line, one count and one activity',
  async t => {
    const outcome = anAnswer(204)
    const { ordered, result, posted, ending, span, spans, lines, counts, activity } = await attempted(outcome)
    t.is(spans.length, 2)
    const [attempt, post] = [span('attempt delivery'), span('POST')]
    t.deepEqual([attempt.kind, post.kind], [SpanKind.INTERNAL, SpanKind.CLIENT])
    t.deepEqual(attempt.attributes, {
      'webhook.delivery.id': 'evt-1.sub_1',
      'webhook.tenant': 'acme',
      'webhook.subscription.id': 'sub_1',
      'webhook.event.id': 'evt-1',
      'webhook.visit.id': 'visit-1',
      'webhook.event.type': 'visit.checked_in',
      'webhook.attempt': 3,
      'webhook.outcome': 'delivered',
      'http.response.status_code': 204,
    })
    t.deepEqual(post.attributes, {
      'http.request.method': 'POST',
      'url.full': 'https://receiver.example:8443/',
      'server.address': 'receiver.example',
      'webhook.outcome': 'delivered',
      'http.response.status_code': 204,
    })
    t.deepEqual([attempt.status.code, post.status.code], [SpanStatusCode.UNSET, SpanStatusCode.UNSET])
    const { traceId, spanId } = attempt.spanContext()
    t.is(traceId, ordered.delivery.traceparent.slice(3, 35), 'within five minutes it belongs to the event’s trace')
    t.is(post.parentSpanContext?.spanId, spanId)
    t.is(
      posted[0]?.headers['traceparent'],
      `00-${traceId}-${post.spanContext().spanId}-01`,
      'the receiver’s spans are below the POST',
    )
    t.is(posted[0]?.signal, ending)
    t.like(result.attempt, { number: 3, status: 204, traceId, spanId })
    t.is(result.outcome, outcome)
    const fields = { deliveryId: 'evt-1.sub_1', ...ids, attempt: 3, tookMs: 5, status: 204, error: undefined }
    t.deepEqual(lines, [['debug', fields, 'attempt delivered']])
    t.deepEqual(counts, [['attempted', ordered.delivery, result.attempt, false]])
    t.deepEqual(activity, [['activity.attempted', ordered.delivery, true, 5]])
  },
)

test.serial('a failed attempt is a failed span, one line with what to do, one count and one activity', async t => {
  for (const [outcome, error, seen] of [
    [anAnswer(500), '500', { status: 500, error: undefined, remedy: meanings.server_error.words }],
    [noAnswer('timeout'), 'timeout', { status: undefined, error: 'timeout', remedy: meanings.timeout.words }],
  ] as const) {
    const { ordered, span, lines, counts, activity, result } = await attempted(outcome, {
      order: { receiverHealthy: true },
    })
    for (const name of ['attempt delivery', 'POST']) {
      t.is(span(name).attributes['error.type'], error)
      t.is(span(name).attributes['webhook.outcome'], error === '500' ? 'server_error' : 'timeout')
      t.is(span(name).attributes['http.response.status_code'], seen.status)
      t.is(span(name).status.code, SpanStatusCode.ERROR)
    }
    t.deepEqual(lines, [
      ['info', { deliveryId: 'evt-1.sub_1', ...ids, attempt: 3, tookMs: 5, ...seen }, 'attempt failed'],
    ])
    t.deepEqual(counts, [['attempted', ordered.delivery, result.attempt, true]])
    t.deepEqual(activity, [['activity.attempted', ordered.delivery, false, 5]])
  }
})

test.serial(
  'an attempt that could not be signed is reported to the operator, and is no activity of the endpoint',
  async t => {
    const fault = new Error('another key')
    const { lines, counts, activity, posted, result } = await attempted(fault)
    t.deepEqual(posted, [])
    t.like(result.outcome, { type: 'unanswered', error: 'own_fault' })
    const remedy = 'check DOORBELL_ENCRYPTION_KEY; the delivery waits and uses up no attempt'
    t.deepEqual(lines[0], ['error', { err: fault, remedy }, 'a delivery could not be signed'])
    t.is(lines.length, 2)
    t.is(counts.length, 1)
    t.deepEqual(activity, [])
  },
)

test.serial(
  'an attempt more than five minutes after the event begins a trace of its own, linked to the event’s',
  async t => {
    const { span, ordered } = await attempted(anAnswer(204), {
      delivery: { createdAt: Date.now() - 5 * 60_000 - 1_000 },
    })
    const attempt = span('attempt delivery')
    const origin = ordered.delivery.traceparent.slice(3, 35)
    t.not(attempt.spanContext().traceId, origin)
    t.is(attempt.links[0]?.context.traceId, origin)
    t.is(attempt.attributes['webhook.origin.trace_id'], origin)
  },
)

test.serial('a receiver that did not ask for the trace context gets none', async t => {
  const { posted } = await attempted(anAnswer(204), {
    order: { subscription: { ...subscription, propagateTrace: false } },
  })
  t.false('traceparent' in (posted[0]?.headers ?? {}))
})

test.serial(
  'no credential or token of an endpoint’s url is in a span, a line or a row; a url that is none is not shown',
  async t => {
    for (const outcome of [anAnswer(204), anAnswer(500), noAnswer('connect')]) {
      const { spans, lines, counts, result } = await attempted(outcome)
      const shown = spans.map(({ attributes, events, status, name }) => ({ attributes, events, status, name }))
      const everything = JSON.stringify([shown, lines, counts, result.attempt])
      for (const secret of ['password', 'query-token', 'user:']) t.false(everything.includes(secret), secret)
      t.false(JSON.stringify([shown, lines]).includes('path-token'))
    }
    const { span, result } = await attempted(anAnswer(500), {
      order: { subscription: { ...subscription, url: 'secret' } },
    })
    t.like(span('POST').attributes, { 'url.full': '(not a url)/', 'server.address': '' })
    t.is(result.attempt.url, '(not a url)')
  },
)
