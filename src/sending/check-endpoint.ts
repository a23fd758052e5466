import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { attemptHeaders } from '../../actors/attempt/headers.ts'
import { userAgent } from '../../config/version.ts'
import type { EndpointCheck, Probe, Verification } from '../domain/endpoint-check.ts'
import { meaningOf } from '../domain/meaning.ts'
import type { Outcome } from '../domain/outcome.ts'
import { secretsAt, type Subscription } from '../domain/subscription.ts'
import type { SendingPorts } from './send-attempt.ts'
import { isDelivered, tracedPost } from './traced-post.ts'

type Kind = 'verification' | 'test'
type Claims = Omit<Parameters<SendingPorts['sign']>[0], 'kind'> & { readonly kind: Kind }

interface Ports extends Pick<SendingPorts, 'standardSignature' | 'extraHeaders' | 'post' | 'ending'> {
  readonly sign: (claims: Claims) => Promise<string>
}

/**
 * Checks that the endpoint exists, that its owner expects Doorbell there, and that it verifies signatures. The endpoint must return a signed
 * challenge, and it must refuse a harmless test event with signatures of another body.
 */
export const createCheckEndpoint = (ports: Ports) => {
  const send = createSend(ports)
  return async (subscription: Subscription, sample: { type: string; data: object }): Promise<EndpointCheck> => {
    const challenge = randomBytes(24).toString('base64url')
    const asked = { type: 'webhook.verification', challenge }
    const verification = verificationOf(await send(subscription, 'verification', asked), challenge)
    const event = { type: sample.type, visitId: 'visit-sample', sequence: 0, data: sample.data }
    // The signed body has one space more than the one that is sent.
    const probe = probeOf(await send(subscription, 'test', event, ' '))
    return { verification, probe }
  }
}

/** Posts this content, signed as the body with `signedAs` after it. */
const createSend = (ports: Ports) => {
  const post = tracedPost(ports.post)
  return async (subscription: Subscription, kind: Kind, content: object, signedAs = ''): Promise<Outcome> => {
    const at = Date.now()
    const [eventId, timestampS] = [`${kind}_${ulid(at)}`, Math.floor(at / 1_000)]
    const body = JSON.stringify({ id: eventId, ...content, timestamp: new Date(at).toISOString() })
    const signedBody = body + signedAs
    const [jws, signature, extra] = await Promise.all([
      ports.sign({ eventId, subscriptionId: subscription.id, attempt: 1, body: signedBody, at, kind }),
      ports.standardSignature(secretsAt(subscription, at), eventId, timestampS, signedBody),
      ports.extraHeaders(subscription),
    ])
    const signed = { subscription, extra, eventId, number: 1, kind, timestampS, jws, signature }
    const headers = attemptHeaders({ ...signed, traceparent: '', userAgent })
    const { tenant, url, timeoutMs } = subscription
    return post({ tenant, url, headers, body, timeoutMs, signal: ports.ending })
  }
}

const howTo = 'It must answer 200 with {"challenge": "…"}, repeating the challenge; the receiver kit does so by itself.'

const verificationOf = (outcome: Outcome, challenge: string): Verification => {
  const at = Date.now()
  const failed = (detail: string): Verification => ({ state: 'failed', at, detail })
  if (outcome.type === 'unanswered') return failed(meaningOf(outcome).words)
  if (!isDelivered(outcome)) return failed(`The endpoint answered the challenge with ${outcome.status}. ${howTo}`)
  if (challengeIn(outcome.response) !== challenge)
    return failed(`The endpoint answered, but not with the challenge. ${howTo}`)
  return { state: 'verified', at, detail: 'The endpoint answered the signed challenge.' }
}

const challengeIn = (text: string): unknown => {
  try {
    return (JSON.parse(text) as { challenge?: unknown } | null)?.challenge
  } catch {
    return undefined
  }
}

const probeOf = (outcome: Outcome): Probe => {
  const at = Date.now()
  if (outcome.type === 'unanswered') return { accepted: null, at, detail: meaningOf(outcome).words }
  if (isDelivered(outcome))
    return {
      accepted: true,
      at,
      detail:
        'The endpoint accepted an event with a wrong signature: anybody could send it events. Verify webhook-jws or webhook-signature.',
    }
  const { status } = outcome
  if (refusals.has(status))
    return {
      accepted: false,
      at,
      detail: `The endpoint refused an event with a wrong signature (${status}), as it should.`,
    }
  return {
    accepted: null,
    at,
    detail: `The endpoint answered ${status}, which does not show whether it verifies signatures.`,
  }
}

/** Statuses that mean "this request is not valid". An endpoint may answer 404, 429 or 500 whatever the signature is. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 406, 409, 412, 422])
