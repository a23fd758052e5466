import { Type } from 'typebox'
import { replaySelections } from '../../domain/replay.ts'
import { closed, count, maybe, moment } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { replayAnswer } from './wire.ts'

const tag = 'Replays'
const path = '/v1/tenants/{tenant}/replays'
export const defaultPerSecond = 20

export const newReplay = Type.Object(
  {
    subscriptionId: Type.String({ minLength: 1, maxLength: 64 }),
    from: moment('Deliveries from this time on, RFC 3339'),
    to: moment('and before this time'),
    status: maybe(
      Type.Enum([...replaySelections], {
        description:
          'Which deliveries. missing: events that match now and have no delivery; what is still being processed is left out, since it may get one in a moment. Default: all that are delivered, dead or cancelled',
      }),
    ),
    dryRun: maybe(Type.Boolean({ description: 'true: only count' })),
    perSecond: maybe(Type.Number({ minimum: 0.1, maximum: 1_000, description: `Default: ${defaultPerSecond}` })),
  },
  closed,
)
const { state } = replayAnswer.properties

export const replayOperations = {
  create: {
    id: 'startReplay',
    tag,
    method: 'post',
    path,
    summary: 'Send a range of deliveries again, or count them',
    description: 'Sent to the subscription’s current url, and marked with `webhook-replay: true` and in the signature.',
    access: 'deliveries:write',
    body: {
      schema: newReplay,
      limitBytes: 4_096,
      example: {
        subscriptionId: 'sub_01JCQ2Z8N4T0V3W5X7Y9ZABCDE',
        from: '2026-03-02T08:00:00Z',
        to: '2026-03-02T09:00:00Z',
        dryRun: true,
      },
    },
    audit: { fields: Type.Object({ ...newReplay.properties, total: count('Deliveries to replay') }) },
    answers: {
      200: {
        description: 'Dry run: the number of deliveries',
        schema: Type.Object({ count: Type.Integer({ minimum: 0 }) }, closed),
      },
      202: { description: 'The running replay', schema: replayAnswer, headers: { Location: 'Its path' } },
    },
    problems: ['not_found', 'streams_unavailable'],
  },
  list: {
    id: 'listReplays',
    tag,
    method: 'get',
    path,
    summary: 'List replays',
    description: 'Get a replay to see the state of its deliveries.',
    access: 'deliveries:read',
    query: Type.Object(
      {
        subscriptionId: maybe(Type.String({ maxLength: 200, description: 'Only of this subscription' })),
        ...pageQuery,
      },
      closed,
    ),
    answers: { 200: { description: 'A page, the newest first', schema: pageAnswer(replayAnswer) } },
  },
  get: {
    id: 'getReplay',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Get a replay with its progress',
    access: 'deliveries:read',
    answers: { 200: { description: 'The replay with its progress', schema: replayAnswer } },
    problems: ['not_found'],
  },
  cancel: {
    id: 'cancelReplay',
    tag,
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Cancel a replay',
    description:
      'Deliveries that it opened and has not sent return to their previous state; those of missing events, which have none, are cancelled.',
    access: 'deliveries:write',
    audit: { fields: Type.Object({ state }) },
    answers: { 204: { description: 'The replay is cancelled' } },
    problems: ['not_found', 'conflict'],
  },
} as const satisfies Record<string, Operation>
