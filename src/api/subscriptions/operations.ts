import { Type } from 'typebox'
import { pageAnswer, subscriptionAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'
import { createSchema, patchSchema } from './schema.ts'

const bodyLimit = 64 * 1_024
const tag = 'Subscriptions'
const path = '/v1/tenants/{tenant}/subscriptions'
const etag = { ETag: 'The version, for If-Match' }
const ifMatch = { 'If-Match': 'The ETag that you read: the change is refused when somebody made another meanwhile' }

export const subscriptionOperations = {
  create: {
    id: 'createSubscription',
    tag,
    method: 'post',
    path,
    summary: 'Subscribe an endpoint',
    description: 'The answer shows the secret; no later one does.',
    access: 'subscriptions:write',
    body: {
      schema: Type.Unknown(),
      shown: createSchema,
      limitBytes: bodyLimit,
      example: { url: 'https://example.com/webhooks', eventTypes: ['visit.checked_in', 'visit.checked_out'] },
    },
    answers: {
      201: {
        description: 'The subscription, with its secret',
        schema: subscriptionAnswer,
        headers: { ...etag, Location: 'Its path' },
      },
    },
    problems: ['url_refused', 'limit_reached'],
  },
  list: {
    id: 'listSubscriptions',
    tag,
    method: 'get',
    path,
    summary: 'List subscriptions, how their endpoints are, and what waits',
    access: 'subscriptions:read',
    query: Type.Object(pageQuery),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(subscriptionAnswer) } },
  },
  get: {
    id: 'getSubscription',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Show a subscription, how its endpoint is, and what waits',
    access: 'subscriptions:read',
    answers: { 200: { description: 'The subscription', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found'],
  },
  change: {
    id: 'changeSubscription',
    tag,
    method: 'patch',
    path: `${path}/{id}`,
    summary: 'Change a subscription',
    description: 'A JSON merge patch (RFC 7396): null removes what it names. In force when it is answered.',
    access: 'subscriptions:write',
    headers: ifMatch,
    body: { schema: Type.Unknown(), shown: patchSchema, limitBytes: bodyLimit, example: { maxInFlight: 10 } },
    answers: { 200: { description: 'The subscription after the change', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'url_refused', 'precondition_failed'],
  },
  delete: {
    id: 'deleteSubscription',
    tag,
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Delete a subscription',
    description: 'What waits for it is cancelled; its deliveries stay in the log.',
    access: 'subscriptions:write',
    headers: ifMatch,
    answers: { 204: { description: 'It is gone' } },
    problems: ['not_found', 'precondition_failed'],
  },
} as const satisfies Record<string, Operation>
