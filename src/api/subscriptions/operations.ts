import { Type } from 'typebox'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { auditedSettings } from './audited-settings.ts'
import { patchSchema, settingsSchema, subscriptionAnswer } from './wire.ts'

const bodyLimit = 64 * 1_024
const tag = 'Subscriptions'
const path = '/v1/tenants/{tenant}/subscriptions'
const etag = { ETag: 'The version, for If-Match' }
/** A change is answered once its place among the tenant's events is stored. */
export const orderProblems = ['streams_unavailable', 'stream_full'] as const
/** When a change counts; docs/receivers.md says the same. */
export const inForceText =
  'Event types and filter decide on every event that is accepted after the answer, on every process. All other settings, a pause and a deletion apply to each attempt for such an event too; to attempts for earlier events as soon as the worker has the change, usually within milliseconds.'
const ifMatch = { 'If-Match': 'The ETag that you read: the change is refused if the subscription has changed since' }

export const subscriptionOperations = {
  create: {
    id: 'createSubscription',
    tag,
    method: 'post',
    path,
    summary: 'Create a subscription',
    description:
      'The answer contains the secret; it is not shown again. The subscription receives every event that is accepted after the answer and matches, and none that was accepted before the request: a replay of missing events can send those.',
    access: 'subscriptions:write',
    body: {
      schema: Type.Unknown(),
      shown: settingsSchema,
      limitBytes: bodyLimit,
      example: { url: 'https://example.com/webhooks', eventTypes: ['visit.checked_in', 'visit.checked_out'] },
    },
    audit: auditedSettings,
    answers: {
      201: {
        description: 'The subscription, with its secret',
        schema: subscriptionAnswer,
        headers: { ...etag, Location: 'Its path' },
      },
    },
    problems: ['url_refused', 'limit_reached', ...orderProblems],
  },
  list: {
    id: 'listSubscriptions',
    tag,
    method: 'get',
    path,
    summary: 'List subscriptions with health and backlog',
    access: 'subscriptions:read',
    query: Type.Object(pageQuery),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(subscriptionAnswer) } },
  },
  get: {
    id: 'getSubscription',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Get a subscription with health and backlog',
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
    description: `A JSON merge patch (RFC 7396): null removes a field. ${inForceText}`,
    access: 'subscriptions:write',
    headers: ifMatch,
    body: { schema: Type.Unknown(), shown: patchSchema, limitBytes: bodyLimit, example: { maxInFlight: 10 } },
    audit: auditedSettings,
    answers: { 200: { description: 'The changed subscription', schema: subscriptionAnswer, headers: etag } },
    problems: ['not_found', 'url_refused', 'precondition_failed', ...orderProblems],
  },
  delete: {
    id: 'deleteSubscription',
    tag,
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Delete a subscription',
    description: 'Its pending and held deliveries are cancelled. The delivery log keeps its deliveries.',
    access: 'subscriptions:write',
    headers: ifMatch,
    audit: auditedSettings,
    answers: { 204: { description: 'The subscription is deleted' } },
    problems: ['not_found', 'precondition_failed', ...orderProblems],
  },
} as const satisfies Record<string, Operation>
