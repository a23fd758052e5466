import { Type } from 'typebox'
import { deliveryAnswer, subscriptionAnswer } from '../answers.ts'
import type { Operation } from '../operation.ts'

const tag = 'Subscriptions'
const path = '/v1/tenants/{tenant}/subscriptions/{id}'
const empty = Type.Object({}, { additionalProperties: false })
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
    problems: ['not_found'],
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
} as const satisfies Record<string, Operation>
