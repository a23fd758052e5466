import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { anAnswer, aSubscription, noAnswer } from '../../test/support/supervised-values.ts'
import { version } from '../../config/version.ts'
import { meaningOf } from '../domain/meaning.ts'
import type { Outcome } from '../domain/outcome.ts'
import { createCheckEndpoint } from './check-endpoint.ts'

type Request = Parameters<Parameters<typeof createCheckEndpoint>[0]['post']>[0]
interface Body {
  readonly id: string
  readonly timestamp: string
  readonly challenge?: string
}

const sample = { type: 'visit.checked_in', data: { visitor: 'sample' } }
const subscription = aSubscription({
  url: 'https://receiver.example/hook?token=1',
  timeoutMs: 1_234,
  previousSecret: { sealed: 'previous', validUntil: Number.MAX_SAFE_INTEGER },
})

/** Checks an endpoint that answers the challenge and the probe so; null: it repeats the challenge. */
const checked = async (answers: readonly [challenge: Outcome | null, probe: Outcome]) => {
  const requests: Request[] = []
  const { ports, calls, inOrder } = fakePorts<Parameters<typeof createCheckEndpoint>[0]>({
    sign: ({ kind }: { kind: string }) => `jws of ${kind}`,
    standardSignature: () => 'v1,signature',
    extraHeaders: () => ({ 'x-own': 'yes' }),
    ending: new AbortController().signal,
    post: async (request: Request): Promise<Outcome> => {
      requests.push(request)
      const { challenge } = JSON.parse(request.body) as Body
      return answers[requests.length - 1] ?? ({ ...anAnswer(200), response: JSON.stringify({ challenge }) } as Outcome)
    },
  })
  const before = Date.now()
  const result = await inOrder(() => createCheckEndpoint(ports)(subscription, sample))
  for (const { at } of [result.verification, result.probe])
    if (at < before || at > Date.now()) throw new Error('a wrong time')
  return { result, requests, calls, ending: ports.ending }
}

test('an endpoint is asked for a new signed challenge, and then gets a harmless event whose signatures are of another body', async t => {
  const { result, requests, calls, ending } = await checked([null, anAnswer(401)])
  t.deepEqual([result.verification.state, result.probe.accepted], ['verified', false])
  const [challenge, probe] = requests.map(({ body }) => JSON.parse(body) as Body)
  t.regex(challenge?.challenge ?? '', /^[\w-]{32}$/)
  t.not((await checked([null, anAnswer(401)])).requests[0]?.body.slice(100), requests[0]?.body.slice(100))
  t.deepEqual(challenge, {
    id: challenge?.id,
    type: 'webhook.verification',
    challenge: challenge?.challenge,
    timestamp: challenge?.timestamp,
  } as Body)
  const event = { type: 'visit.checked_in', visitId: 'visit-sample', sequence: 0, data: sample.data }
  t.deepEqual(probe, { id: probe?.id, ...event, timestamp: probe?.timestamp } as Body)

  for (const [index, [kind, signedAs]] of (
    [
      ['verification', ''],
      ['test', ' '],
    ] as const
  ).entries()) {
    const request = requests[index]
    const { id, timestamp } = JSON.parse(request?.body ?? '') as Body
    t.regex(id, new RegExp(`^${kind}_[0-9A-Z]{26}$`))
    const at = Date.parse(timestamp)
    const timestampS = Math.floor(at / 1_000)
    const body = `${request?.body}${signedAs}`
    const [sign, standard] = calls.filter(([path]) => ['sign', 'standardSignature'].includes(path)).slice(index * 2)
    t.deepEqual(sign?.[1], { eventId: id, subscriptionId: 'sub_1', attempt: 1, body, at, kind })
    t.deepEqual(standard?.slice(1), [['sealed', 'previous'], id, timestampS, body])
    const { headers, ...rest } = request as Request
    t.deepEqual(rest, {
      tenant: subscription.tenant,
      url: subscription.url,
      body: request?.body ?? '',
      timeoutMs: 1_234,
      signal: ending,
    })
    t.deepEqual(headers, {
      'x-own': 'yes',
      'content-type': 'application/json',
      'user-agent': headers['user-agent'] ?? '',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': 'v1,signature',
      'webhook-jws': `jws of ${kind}`,
      'webhook-attempt': '1',
      [`webhook-${kind}`]: 'true',
    })
    t.true(headers['user-agent']?.includes(version))
  }
})

const howTo = 'It must answer 200 with {"challenge": "…"}, repeating the challenge; the receiver kit does so by itself.'
const answerWith = (response: string): Outcome => ({ type: 'answered', status: 200, response, tookMs: 5 })
const verifications: [what: string, Outcome | null, state: string, detail: string][] = [
  ['repeats the challenge', null, 'verified', 'The endpoint answered the signed challenge.'],
  ['does not answer', noAnswer('dns'), 'failed', meaningOf(noAnswer('dns')).words],
  ['answers 404', anAnswer(404), 'failed', `The endpoint answered the challenge with 404. ${howTo}`],
  ...['', 'null', '"text"', '{"challenge":"another"}', '{}'].map((text): [string, Outcome, string, string] => [
    `answers 200 with ${text || 'nothing'}`,
    answerWith(text),
    'failed',
    `The endpoint answered, but not with the challenge. ${howTo}`,
  ]),
]
test('an endpoint is verified only by the challenge; the detail says what its owner must do', async t => {
  for (const [what, outcome, state, detail] of verifications) {
    const { result } = await checked([outcome, anAnswer(401)])
    t.like(result.verification, { state, detail }, what)
  }
})

const accepts =
  'The endpoint accepted an event with a wrong signature: anybody could send it events. Verify webhook-jws or webhook-signature.'
test('an endpoint that accepts a wrong signature is reported, and one that refuses it with a status for that is not', async t => {
  const refuses = (status: number) => `The endpoint refused an event with a wrong signature (${status}), as it should.`
  const unclear = (status: number) =>
    `The endpoint answered ${status}, which does not show whether it verifies signatures.`
  for (const status of [200, 204]) {
    const { result } = await checked([null, anAnswer(status)])
    t.like(result.probe, { accepted: true, detail: accepts })
  }
  for (const status of [400, 401, 403, 406, 409, 412, 422])
    t.like((await checked([null, anAnswer(status)])).result.probe, { accepted: false, detail: refuses(status) })
  for (const status of [302, 404, 410, 429, 500, 503])
    t.like((await checked([null, anAnswer(status)])).result.probe, { accepted: null, detail: unclear(status) })
  const silent = noAnswer('timeout')
  t.like((await checked([null, silent])).result.probe, { accepted: null, detail: meaningOf(silent).words })
})
