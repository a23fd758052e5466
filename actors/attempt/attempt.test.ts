import test from 'ava'
import type { Outcome } from '../../src/domain/outcome.ts'
import { aDelivery, anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import { type AttemptPorts, createAttempt } from './attempt.ts'
import type { AttemptOrder } from './protocol.ts'

const at = 1_700_000_000_999

/** Makes one attempt among fake ports; `calls` holds the arguments of each port. */
const make = async (order: Partial<AttemptOrder> = {}, change: Partial<AttemptPorts> = {}) => {
  const calls: Record<string, readonly unknown[]> = {}
  const answering =
    <T>(name: string, answer: T) =>
    async (...args: readonly unknown[]): Promise<T> => {
      calls[name] = args
      return answer
    }
  const moments = [at, at + 40]
  const result = await createAttempt({
    sign: answering('sign', 'header..signature'),
    standardSignature: answering('standardSignature', 'v1,signature'),
    extraHeaders: answering('extraHeaders', { 'x-api-key': 'k' }),
    post: answering('post', anAnswer(200)),
    onSigningFault: error => void (calls['onSigningFault'] = [error]),
    trace: () => ({ traceId: 'trace', spanId: 'span', traceparent: '00-trace-span-01' }),
    now: () => moments.shift() ?? 0,
    userAgent: 'Doorbell/1',
    ending: new AbortController().signal,
    ...change,
  })({
    delivery: aDelivery('e1', { body: '{"id":"e1"}' }),
    subscription: aSubscription(),
    number: 3,
    receiverHealthy: true,
    ...order,
  })
  return { ...result, calls }
}

const requestOf = ({ post = [] }: Record<string, readonly unknown[]>) => (post as Parameters<AttemptPorts['post']>)[0]

test('an attempt posts the delivery’s bytes to the endpoint, signed at that moment, within the subscription’s timeout', async t => {
  const ending = new AbortController()
  const subscription = aSubscription({ timeoutMs: 2_500, propagateTrace: true })
  const { calls } = await make({ subscription }, { ending: ending.signal })
  t.deepEqual(calls['sign'], [{ eventId: 'e1', subscriptionId: 'sub_1', attempt: 3, body: '{"id":"e1"}', at }])
  t.deepEqual(calls['standardSignature'], [['sealed'], 'e1', 1_700_000_000, '{"id":"e1"}'])
  t.deepEqual(calls['extraHeaders'], [subscription])
  const request = requestOf(calls)
  t.deepEqual(request, {
    tenant: 'acme',
    url: 'https://receiver.example/hook',
    headers: {
      'x-api-key': 'k',
      'content-type': 'application/json',
      'user-agent': 'Doorbell/1',
      'webhook-id': 'e1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': 'v1,signature',
      'webhook-jws': 'header..signature',
      'webhook-attempt': '3',
      traceparent: '00-trace-span-01',
    },
    body: '{"id":"e1"}',
    timeoutMs: 2_500,
    signal: ending.signal,
  })
  t.is(request.signal, ending.signal, 'the end of the process cuts the attempt off')
})

test('the row says when the attempt began, how long it took, what the endpoint answered, and where its trace is', async t => {
  const answer = (status: number, response: string, tookMs: number) =>
    ({ type: 'answered', status, response, tookMs }) as const
  const outcomes: readonly [Outcome, object][] = [
    [answer(204, 'ok', 12.6), { tookMs: 13, status: 204, response: 'ok' }],
    [answer(500, 'no', 12.4), { tookMs: 12, status: 500, response: 'no' }],
    [noAnswer('timeout'), { tookMs: 5, error: 'timeout' }],
    [noAnswer('own_fault'), { tookMs: 5, error: 'own_fault' }],
  ]
  for (const [outcome, expected] of outcomes) {
    const { attempt, ...result } = await make({}, { post: async () => outcome })
    t.is(result.outcome, outcome)
    const { detail, ...row } = attempt
    t.deepEqual(row, {
      number: 3,
      at,
      url: 'https://receiver.example/hook',
      traceId: 'trace',
      spanId: 'span',
      ...expected,
    } as typeof row)
    const delivered = outcome.type === 'answered' && outcome.status === 204
    t.is(typeof detail, delivered ? 'undefined' : 'string', 'only a failure is explained')
  }
})

test('the row says where a redirect leads; its explanation, which is logged too, does not', async t => {
  const location = 'https://elsewhere.example/done'
  const outcome: Outcome = { type: 'answered', status: 302, response: '', tookMs: 5, location }
  const { attempt } = await make({}, { post: async () => outcome })
  t.is(attempt.location, location)
  t.false(attempt.detail?.includes('elsewhere'))
})

test('a timeout is explained as a timeout, and a refusal as a refusal', async t => {
  const detailAfter = async (outcome: Outcome) => (await make({}, { post: async () => outcome })).attempt.detail
  t.regex((await detailAfter(noAnswer('timeout'))) ?? '', /did not answer in time/)
  t.regex((await detailAfter(anAnswer(410))) ?? '', /410/)
})

for (const port of ['sign', 'standardSignature', 'extraHeaders'] as const)
  test(`a fault of ${port} is reported, posts nothing, and is our own fault, which uses up no attempt`, async t => {
    const error = new Error('the key cannot be read')
    const { attempt, outcome, calls } = await make({}, { [port]: () => Promise.reject(error) })
    t.deepEqual(outcome, { type: 'unanswered', error: 'own_fault', tookMs: 40 })
    t.like(attempt, { number: 3, at, tookMs: 40, error: 'own_fault' })
    t.deepEqual(calls['onSigningFault'], [error])
    t.is(calls['post'], undefined)
  })

test('the row never holds the credentials or the query values of the endpoint’s url, and the request has them', async t => {
  const url = 'https://user:password@receiver.example/hook?token=secret&x=1'
  const { attempt, calls } = await make({ subscription: aSubscription({ url }) })
  t.is(attempt.url, 'https://receiver.example/hook?token=***&x=***')
  t.like(calls['post']?.[0], { url })
  const unreadable = await make({ subscription: aSubscription({ url: 'secret' }) })
  t.is(unreadable.attempt.url, '(not a url)')
})

test('a replay and a test are marked, in the signed claims and in a header', async t => {
  for (const kind of ['replay', 'test'] as const) {
    const { calls } = await make({ delivery: aDelivery('e1', { kind }) })
    t.like(calls['sign']?.[0], { kind })
    t.like(calls['post']?.[0], { headers: { [`webhook-${kind}`]: 'true' } })
  }
})

test('during a rotation the previous secret signs as well, until its last moment', async t => {
  const secretsUntil = async (validUntil: number) => {
    const { calls } = await make({
      subscription: aSubscription({ previousSecret: { sealed: 'previous', validUntil } }),
    })
    return calls['standardSignature']?.[0]
  }
  t.deepEqual(await secretsUntil(at + 1), ['sealed', 'previous'])
  t.deepEqual(await secretsUntil(at), ['sealed'])
})

test('the receiver gets a trace only if its subscription wants it', async t => {
  const { calls } = await make()
  t.false('traceparent' in requestOf(calls).headers)
})

test('no header of the customer replaces one of Doorbell’s', async t => {
  const own = ['content-type', 'user-agent', 'webhook-id', 'webhook-timestamp', 'webhook-signature', 'webhook-jws']
  const names = [...own, 'webhook-attempt', 'webhook-test', 'traceparent']
  const { calls } = await make(
    { delivery: aDelivery('e1', { kind: 'test' }), subscription: aSubscription({ propagateTrace: true }) },
    { extraHeaders: async () => Object.fromEntries(names.map(name => [name, 'forged'])) },
  )
  const { headers } = requestOf(calls)
  t.deepEqual(Object.keys(headers).toSorted(), names.toSorted())
  t.false(Object.values(headers).includes('forged'))
})
