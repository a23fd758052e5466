import { Type } from 'typebox'
import { limits } from '../../domain/limits.ts'
import { eventSchema } from '../../intake/read-event.ts'
import { problemAnswer } from '../http/problem.ts'
import { closed, maybe, moment } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { acceptedAnswer, eventAccountAnswer, eventAnswer, traceId } from './wire.ts'

const tag = 'Events'
const path = '/v1/tenants/{tenant}/events'
const batchSize = { minItems: 1, maxItems: limits.batchEvents }

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

export const eventOperations = {
  post: {
    id: 'postEvent',
    tag,
    method: 'post',
    path,
    summary: 'Publish an event',
    description:
      '202 means that the event is stored and will be delivered; `/readyz` says whether stored means on disk. With an id of yours the call is repeatable.',
    access: 'events:write',
    body: { schema: Type.Unknown(), shown: eventSchema, limitBytes: limits.eventBytes, example },
    answers: {
      202: { description: 'Accepted', schema: Type.Object({ ...acceptedAnswer.properties, traceId }, closed) },
    },
    problems: ['unknown_event_type', 'streams_unavailable', 'stream_full', 'promise_broken'],
  },
  postBatch: {
    id: 'postEvents',
    tag,
    method: 'post',
    path: `${path}/batch`,
    summary: 'Publish many events',
    access: 'events:write',
    body: {
      // The events are checked one by one, so that an invalid one does not affect the others.
      schema: Type.Object({ events: Type.Array(Type.Unknown(), batchSize) }, closed),
      shown: Type.Object({ events: Type.Array(eventSchema, batchSize) }, closed),
      limitBytes: 4 * 1_024 * 1_024,
      example: { events: [example] },
    },
    answers: {
      202: {
        description: 'One result per event, in their order: accepted, or a problem',
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
      'A feed: `next` is never null; send it as `cursor` to read on. With `waitMs` the answer waits for an event, at most that long.',
    access: 'deliveries:read',
    query: Type.Object(
      {
        from: maybe(moment('Without a cursor: start here. Default: the oldest event that is kept')),
        type: maybe(Type.String({ maxLength: 100, description: 'Only of this event type' })),
        waitMs: maybe(Type.Integer({ minimum: 0, maximum: 30_000, description: 'Wait for a new event. Default: 0' })),
        ...pageQuery,
      },
      closed,
    ),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(eventAnswer) } },
    problems: ['unknown_event_type', 'streams_unavailable'],
  },
  get: {
    id: 'getEvent',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Get an event, its deliveries, and why each subscription received it or not',
    access: 'deliveries:read',
    answers: { 200: { description: 'The event', schema: eventAccountAnswer } },
    problems: ['not_found', 'streams_unavailable'],
  },
} as const satisfies Record<string, Operation>
