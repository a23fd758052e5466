import { Type } from 'typebox'
import { deliveryAnswer, subscriptionAnswer } from '../answers.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Subscriptions'
const path = '/v1/tenants/{tenant}/subscriptions/{id}'
const empty = Type.Object({}, { additionalProperties: false })
const closed = { additionalProperties: false }
export const defaultOverlapMs = 24 * 60 * 60_000
const maxOverlapMs = 7 * defaultOverlapMs
const etag = { ETag: 'The version, for If-Match' }

export const subscriptionActionOperations = {
  pause: {
    id: 'pauseSubscription',
    tag,
    method: 'post',
    path: `${path}/pause`,
    summary: 'Pause a subscription',
    description: 'Its events are held, and counted, until it is resumed.',
    access: 'subscriptions:write',
    body: { schema: empty, limitBytes: 1_024, optional: true },
    answers: { 200: { description: 'The subscription, paused', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'conflict'],
  },
  resume: {
    id: 'resumeSubscription',
    tag,
    method: 'post',
    path: `${path}/resume`,
    summary: 'Resume a paused or disabled subscription',
    description: 'One that must be verified first is resumed by verifying it.',
    access: 'subscriptions:write',
    body: {
      schema: Type.Object(
        {
          catchUp: Type.Optional(
            Type.Boolean({ description: 'false: what was held meanwhile is cancelled. Default: true' }),
          ),
        },
        { additionalProperties: false },
      ),
      limitBytes: 1_024,
      optional: true,
    },
    answers: { 200: { description: 'The subscription, active', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'conflict'],
  },
  test: {
    id: 'testSubscription',
    tag,
    method: 'post',
    path: `${path}/test`,
    summary: 'Send a signed sample',
    description:
      'At once, also while the subscription is paused; marked with `webhook-test: true` and in the signature.',
    access: 'subscriptions:write',
    body: {
      schema: Type.Object(
        {
          type: Type.Optional(
            Type.String({ maxLength: 100, description: 'Whose sample is sent. Default: the first type that fits' }),
          ),
        },
        { additionalProperties: false },
      ),
      limitBytes: 1_024,
      optional: true,
    },
    answers: { 200: { description: 'The delivery with the endpoint’s answer', schema: deliveryAnswer } },
    problems: ['not_found', 'unknown_event_type'],
  },
  rotateSecret: {
    id: 'rotateSecret',
    tag,
    method: 'post',
    path: `${path}/rotate-secret`,
    summary: 'Give the subscription a new secret',
    description: 'Meanwhile both sign, so that no event is refused while the receiver changes over.',
    access: 'subscriptions:write',
    body: {
      schema: Type.Object(
        {
          overlapMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: maxOverlapMs,
              description: `How long the old one signs too; 0: not at all. Default ${defaultOverlapMs} (a day)`,
            }),
          ),
        },
        closed,
      ),
      limitBytes: 1_024,
      optional: true,
    },
    answers: {
      200: {
        description: 'The new secret; no later answer shows it',
        schema: Type.Object(
          {
            secret: Type.String({ description: '`whsec_…`' }),
            previousValidUntil: Type.String({ format: 'date-time' }),
          },
          closed,
        ),
      },
    },
    problems: ['not_found'],
  },
  verify: {
    id: 'verifySubscription',
    tag,
    method: 'post',
    path: `${path}/verify`,
    summary: 'Verify the endpoint, and whether it looks at signatures',
    description:
      'Posts a signed challenge, which the endpoint must answer with `{"challenge": "…"}`, and a test event with a wrong signature, which it must refuse.',
    access: 'subscriptions:write',
    body: { schema: empty, limitBytes: 1_024, optional: true },
    answers: {
      200: { description: 'The subscription with what was found', schema: subscriptionAnswer, headers: etag },
    },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
