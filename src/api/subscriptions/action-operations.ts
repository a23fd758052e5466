import { Type } from 'typebox'
import { deliveryAnswer } from '../deliveries/wire.ts'
import { closed, count, emptyBody, maybe, moment, text } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { orderProblems } from './operations.ts'
import { subscriptionAnswer } from './wire.ts'

const path = '/v1/tenants/{tenant}/subscriptions/{id}'
const common = { tag: 'Subscriptions', method: 'post', access: 'subscriptions:write' } as const
const etag = { ETag: 'The version, for If-Match' }
const { status } = subscriptionAnswer.properties
const optionalBody = { limitBytes: 1_024, optional: true } as const
export const defaultOverlapMs = 24 * 60 * 60_000

export const subscriptionActionOperations = {
  pause: {
    ...common,
    id: 'pauseSubscription',
    path: `${path}/pause`,
    summary: 'Pause a subscription',
    description:
      'Its events are held and counted until it is resumed, for as long as the tenant’s retention keeps their content.',
    body: emptyBody,
    audit: { fields: Type.Object({ status }) },
    answers: { 200: { description: 'The paused subscription', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'conflict', ...orderProblems],
  },
  resume: {
    ...common,
    id: 'resumeSubscription',
    path: `${path}/resume`,
    summary: 'Resume a paused or disabled subscription',
    description:
      'A subscription that waits for its verification is resumed by verifying it. One that was paused by a user or disabled, and must be verified first, is verified and then resumed.',
    body: {
      ...optionalBody,
      schema: Type.Object(
        {
          catchUp: maybe(
            Type.Boolean({
              description:
                'false: the events that this pause has held are cancelled; what waited before, or waits for another reason, is delivered. Default: true',
            }),
          ),
        },
        closed,
      ),
    },
    audit: { fields: Type.Object({ status, skipped: count('Cancelled deliveries') }) },
    answers: { 200: { description: 'The active subscription', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'conflict', ...orderProblems],
  },
  test: {
    ...common,
    id: 'testSubscription',
    path: `${path}/test`,
    summary: 'Send a signed test event',
    description:
      'Sent at once, even while the subscription is paused, and marked with `webhook-test: true` and in the signature.',
    body: {
      ...optionalBody,
      schema: Type.Object(
        {
          type: maybe(
            Type.String({ maxLength: 100, description: 'The event type. Default: the first one that matches' }),
          ),
        },
        closed,
      ),
    },
    audit: {
      fields: Type.Object({ deliveryId: Type.String(), type: Type.String(), status: deliveryAnswer.properties.status }),
    },
    answers: { 200: { description: 'The delivery with the endpoint’s answer', schema: deliveryAnswer } },
    problems: ['not_found', 'unknown_event_type'],
  },
  rotateSecret: {
    ...common,
    id: 'rotateSecret',
    path: `${path}/rotate-secret`,
    summary: 'Replace the secret',
    description: 'Both secrets sign for a while, so that the receiver can change over without refusing events.',
    body: {
      ...optionalBody,
      schema: Type.Object(
        {
          overlapMs: maybe(
            Type.Integer({
              minimum: 0,
              maximum: 7 * defaultOverlapMs,
              description: `How long the previous secret signs too; 0: not at all. Default: ${defaultOverlapMs} (a day)`,
            }),
          ),
        },
        closed,
      ),
    },
    audit: { fields: Type.Object({ previousValidUntil: moment('The end of the overlap') }) },
    answers: {
      200: {
        description: 'The new secret; it is not shown again',
        schema: Type.Object(
          { secret: text('`whsec_…`'), previousValidUntil: moment('Until then the previous secret signs too') },
          closed,
        ),
      },
    },
    problems: ['not_found', ...orderProblems],
  },
  verify: {
    ...common,
    id: 'verifySubscription',
    path: `${path}/verify`,
    summary: 'Verify the endpoint, and whether it checks signatures',
    description:
      'Posts a signed challenge, which the endpoint must answer with `{"challenge": "…"}`, and a test event with a wrong signature, which it must refuse.',
    body: emptyBody,
    audit: {
      fields: Type.Object({
        status,
        verification: Type.Enum(['unverified', 'verified', 'failed']),
        accepted: Type.Union([Type.Boolean(), Type.Null()]),
      }),
    },
    answers: {
      200: { description: 'The subscription with both results', schema: subscriptionAnswer, headers: etag },
    },
    problems: ['not_found', 'unknown_event_type', ...orderProblems],
  },
} as const satisfies Record<string, Operation>
