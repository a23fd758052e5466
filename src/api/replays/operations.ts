import { Type } from 'typebox'
import { replaySelections } from '../../domain/replay.ts'
import { pageAnswer, replayAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Replays'
const path = '/v1/tenants/{tenant}/replays'

export const replaySchema = Type.Object(
  {
    subscriptionId: Type.String({ minLength: 1, maxLength: 64 }),
    from: Type.String({ format: 'date-time', description: 'Deliveries made from here, RFC 3339' }),
    to: Type.String({ format: 'date-time', description: 'and before here' }),
    status: Type.Optional(
      Type.Enum([...replaySelections], {
        description: 'Which: missing means events that match now and have no delivery. Default: all that are final',
      }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'true: only counts' })),
    perSecond: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1_000, description: 'Default 20' })),
  },
  { additionalProperties: false },
)

export const replayOperations = {
  create: {
    id: 'startReplay',
    tag,
    method: 'post',
    path,
    summary: 'Send a range of deliveries again, or count them',
    description: 'To the subscription’s url of now, marked with `webhook-replay: true` and in the signature.',
    access: 'deliveries:write',
    body: {
      schema: replaySchema,
      limitBytes: 4_096,
      example: {
        subscriptionId: 'sub_01JCQ2Z8N4T0V3W5X7Y9ZABCDE',
        from: '2026-03-02T08:00:00Z',
        to: '2026-03-02T09:00:00Z',
        dryRun: true,
      },
    },
    answers: {
      200: {
        description: 'Dry run: how many there would be',
        schema: Type.Object({ count: Type.Integer({ minimum: 0 }) }, { additionalProperties: false }),
      },
      202: { description: 'The replay, under way', schema: replayAnswer, headers: { Location: 'Its path' } },
    },
    problems: ['not_found', 'conflict'],
  },
  list: {
    id: 'listReplays',
    tag,
    method: 'get',
    path,
    summary: 'List replays',
    description: 'What became of the deliveries of one is in the replay itself.',
    access: 'deliveries:read',
    query: Type.Object(
      {
        subscriptionId: Type.Optional(Type.String({ maxLength: 200, description: 'Of this subscription' })),
        ...pageQuery,
      },
      { additionalProperties: false },
    ),
    answers: { 200: { description: 'A page, the newest first', schema: pageAnswer(replayAnswer) } },
  },
  get: {
    id: 'getReplay',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'How far a replay is',
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
    description: 'What it opened and has not sent goes back to what it was.',
    access: 'deliveries:write',
    answers: { 204: { description: 'It is cancelled' } },
    problems: ['not_found', 'conflict'],
  },
} as const satisfies Record<string, Operation>
