import { Type } from 'typebox'
import { limits } from '../../domain/limits.ts'
import { eventSchema } from '../../intake/read-event.ts'
import { acceptedAnswer, deliveryAnswer, eventAnswer, pageAnswer, problemAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Events'
const path = '/v1/tenants/{tenant}/events'
const closed = { additionalProperties: false }
const traceId = Type.Union([Type.String(), Type.Null()], {
  description: 'The trace that the event begins or continues',
})

const example = {
  type: 'visit.checked_in',
  visitId: 'visit-1',
  data: {
    visitor: { id: 'visitor-81', firstName: 'Anna', lastName: 'Jansen' },
    host: { id: 'host-7', name: 'Tom Peeters' },
    site: 'brussels-hq',
    checkedInAt: '2026-03-02T08:56:12Z',
  },
}

/** The entries are checked one by one, so that a bad one does not spoil the rest. */
const batchSchema = Type.Object(
  { events: Type.Array(Type.Unknown(), { minItems: 1, maxItems: limits.batchEvents }) },
  closed,
)

export const eventOperations = {
  post: {
    id: 'postEvent',
    tag,
    method: 'post',
    path,
    summary: 'Tell of an event',
    description: '202 means that it is on disk and will be delivered. An id of yours makes the call repeatable.',
    access: 'events:write',
    body: { schema: Type.Unknown(), shown: eventSchema, limitBytes: limits.eventBytes, example },
    answers: {
      202: {
        description: 'Accepted',
        schema: Type.Object({ ...acceptedAnswer.properties, traceId }, closed),
      },
    },
    problems: ['unknown_event_type', 'streams_unavailable', 'stream_full'],
  },
  postBatch: {
    id: 'postEvents',
    tag,
    method: 'post',
    path: `${path}/batch`,
    summary: 'Tell of many events',
    access: 'events:write',
    body: {
      schema: batchSchema,
      shown: Type.Object({ events: Type.Array(eventSchema, { minItems: 1, maxItems: limits.batchEvents }) }, closed),
      limitBytes: 4 * 1_024 * 1_024,
      example: { events: [example] },
    },
    answers: {
      202: {
        description: 'One result for each event, in their order: accepted, or a problem',
        schema: Type.Object({ results: Type.Array(Type.Union([acceptedAnswer, problemAnswer])), traceId }, closed),
      },
    },
  },
  list: {
    id: 'listEvents',
    tag,
    method: 'get',
    path,
    summary: 'Read accepted events in their order',
    description:
      'A feed: `next` is never null, ask again with it. With `waitMs` an empty page is answered only after that time.',
    access: 'deliveries:read',
    query: Type.Object(
      {
        from: Type.Optional(
          Type.String({ format: 'date-time', description: 'Without a cursor: begin here. Default: the oldest kept' }),
        ),
        type: Type.Optional(Type.String({ maxLength: 100, description: 'Of this event type alone' })),
        waitMs: Type.Optional(
          Type.Integer({ minimum: 0, maximum: 30_000, description: 'Wait for a new event. Default 0' }),
        ),
        ...pageQuery,
      },
      closed,
    ),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(eventAnswer) } },
    problems: ['streams_unavailable'],
  },
  get: {
    id: 'getEvent',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Show an event, its deliveries, and why each subscription got it or not',
    access: 'deliveries:read',
    answers: {
      200: {
        description: 'The event',
        schema: Type.Object(
          {
            id: Type.String(),
            type: Type.String(),
            visitId: Type.String(),
            event: Type.Union([eventAnswer, Type.Null()], { description: 'null: its content is no longer kept' }),
            deliveries: Type.Array(deliveryAnswer),
            subscriptions: Type.Array(
              Type.Object(
                {
                  subscriptionId: Type.String(),
                  url: Type.String(),
                  outcome: Type.Enum(['delivered', 'pending', 'held', 'dead', 'cancelled', 'not_matched', 'unknown']),
                  explanation: Type.String({ description: 'In plain words' }),
                },
                closed,
              ),
            ),
          },
          closed,
        ),
      },
    },
    problems: ['not_found', 'streams_unavailable'],
  },
} as const satisfies Record<string, Operation>
