import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import type { AttemptOrder } from '../../actors/attempt/protocol.ts'
import type { Attempt } from '../domain/delivery.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createSendAttempt, type SendingPorts } from './send-attempt.ts'
import { createSendTestEvent } from './send-test-event.ts'

const attempt: Attempt = { number: 1, at: 5, tookMs: 5, url: 'https://receiver.example/', traceId: 't', spanId: 's' }
const delivery = aDelivery('evt-1', { kind: 'test', nextAttemptAt: 5, updatedAt: 5 })
const results: [what: string, Outcome, object][] = [
  ['delivered', anAnswer(204), { status: 'delivered' }],
  ['dead, after a refusal', anAnswer(500), { status: 'dead', reason: 'exhausted' }],
  ['dead, without an answer', noAnswer('timeout'), { status: 'dead', reason: 'exhausted' }],
]

for (const [what, outcome, end] of results)
  test(`a test event has one attempt, and its row is final and without a body: ${what}`, async t => {
    const orders: AttemptOrder[] = []
    const sendTest = createSendTestEvent(async order => (orders.push(order), { attempt, outcome }))
    const before = Date.now()
    const { updatedAt, ...row } = await sendTest(delivery, aSubscription())
    t.deepEqual(orders, [{ delivery, subscription: aSubscription(), number: 1, receiverHealthy: true }])
    const { body: _, updatedAt: __, ...rest } = delivery
    t.deepEqual(row, { ...rest, ...end, attempts: [attempt], nextAttemptAt: null, revision: 1 } as typeof row)
    t.true(updatedAt >= before && updatedAt <= Date.now())
  })

test('without a tracer an attempt is made all the same, and its row names no trace', async t => {
  const { ports } = fakePorts<SendingPorts>({ post: async () => anAnswer(204), extraHeaders: async () => ({}) })
  const { sign, standardSignature, extraHeaders, post, metrics, activity, log, ending } = ports
  const send = createSendAttempt({
    sign,
    standardSignature,
    extraHeaders,
    post,
    metrics,
    activity,
    log,
    ending,
    now: () => 0,
  })
  const order = { delivery, subscription: aSubscription({ propagateTrace: true }), number: 1, receiverHealthy: true }
  t.like((await send(order)).attempt, { status: 204, traceId: '', spanId: '' })
})
