import { randomBytes } from 'node:crypto'
import { ulid } from 'ulid'
import { attemptHeaders } from '../../actors/attempt/headers.ts'
import type { EndpointCheck, Probe, Verification } from '../domain/endpoint-check.ts'
import { meaningOf, type Outcome } from '../domain/outcome.ts'
import { secretsAt, type Subscription } from '../domain/subscription.ts'
import { tracedPost } from '../service/traced-ports.ts'
import { userAgent } from '../../config/version.ts'
import type { WorkerParts } from '../service/worker-parts.ts'

type Parts = Pick<WorkerParts, 'keyRing' | 'standardSignature' | 'extraHeaders' | 'egress' | 'ending'>

/**
 * Whether the endpoint is there, is its owner's, and looks at signatures. First a signed challenge, which it must send back; then a
 * harmless test event whose signatures belong to another body, which it must refuse.
 */
export const createEndpointCheck = (parts: Parts) => {
  const post = tracedPost(parts.egress.post)
  const send = async (subscription: Subscription, kind: 'verification' | 'test', content: object, signedAs = '') => {
    const at = Date.now()
    const [eventId, timestampS] = [`${kind}_${ulid(at)}`, Math.floor(at / 1_000)]
    const body = JSON.stringify({ id: eventId, ...content, timestamp: new Date(at).toISOString() })
    const signedBody = body + signedAs
    const [jws, signature, extra] = await Promise.all([
      parts.keyRing.sign({ eventId, subscriptionId: subscription.id, attempt: 1, body: signedBody, at, kind }),
      parts.standardSignature(secretsAt(subscription, at), eventId, timestampS, signedBody),
      parts.extraHeaders(subscription),
    ])
    const signed = {
      subscription,
      extra,
      eventId,
      number: 1,
      kind,
      timestampS,
      jws,
      signature,
      traceparent: '',
      userAgent,
    }
    const { url, timeoutMs } = subscription
    return post({ url, headers: attemptHeaders(signed), body, timeoutMs, signal: parts.ending })
  }

  return async (subscription: Subscription, sample: { type: string; data: object }): Promise<EndpointCheck> => {
    const challenge = randomBytes(24).toString('base64url')
    const asked = { type: 'webhook.verification', challenge }
    const verification = verificationOf(await send(subscription, 'verification', asked), challenge)
    const event = { type: sample.type, visitId: 'visit-sample', sequence: 0, data: sample.data }
    // One space more was signed than is sent.
    const probe = probeOf(await send(subscription, 'test', event, ' '))
    return { verification, probe }
  }
}

const verificationOf = (outcome: Outcome, challenge: string): Verification => {
  const at = Date.now()
  if (outcome.type === 'unanswered') return { state: 'failed', at, detail: meaningOf(outcome).words }
  if (outcome.status < 200 || outcome.status > 299)
    return { state: 'failed', at, detail: `The endpoint answered the challenge with ${outcome.status}. ${howTo}` }
  return answered(outcome.response) === challenge
    ? { state: 'verified', at, detail: 'The endpoint answered the signed challenge.' }
    : { state: 'failed', at, detail: `The endpoint answered, but not with the challenge. ${howTo}` }
}

const howTo =
  'It must answer 200 with {"challenge": "…"}, the one that it was sent; the receiver kit does so by itself.'

const answered = (text: string): unknown => {
  try {
    return (JSON.parse(text) as { challenge?: unknown } | null)?.challenge
  } catch {
    return undefined
  }
}

const probeOf = (outcome: Outcome): Probe => {
  const at = Date.now()
  if (outcome.type === 'unanswered') return { accepted: null, at, detail: meaningOf(outcome).words }
  const { status } = outcome
  if (status >= 200 && status < 300)
    return {
      accepted: true,
      at,
      detail:
        'The endpoint took an event with a wrong signature: anybody could send it events. Verify webhook-jws or webhook-signature.',
    }
  return refusals.has(status)
    ? { accepted: false, at, detail: `The endpoint refused an event with a wrong signature (${status}), as it should.` }
    : {
        accepted: null,
        at,
        detail: `The endpoint answered ${status}, which does not tell whether it looks at signatures.`,
      }
}

/** What says "this request is not good". A 404, a 429 or a 500 would be answered whatever was signed. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 406, 409, 412, 422])
