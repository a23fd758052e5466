import { Type } from 'typebox'
import { retrySchema } from '../../domain/subscription-settings.ts'
import { anyObject, closed, moment } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { wholeAnswer } from '../operation/page.ts'

const tag = 'Catalogue'

export const eventTypeAnswer = Type.Object(
  { type: Type.String(), description: Type.String(), schema: anyObject, sample: anyObject },
  closed,
)

export const eventTypeOperations = {
  list: {
    id: 'listEventTypes',
    tag,
    method: 'get',
    path: '/v1/event-types',
    summary: 'List event types',
    access: 'open',
    answers: {
      200: {
        description: 'Every event type with the JSON Schema of its data and a sample',
        schema: wholeAnswer(eventTypeAnswer),
      },
    },
  },
  previewRetry: {
    id: 'previewRetry',
    tag,
    method: 'post',
    path: '/v1/retry-preview',
    summary: 'Preview a retry policy in clock times',
    access: 'open',
    body: {
      schema: Type.Object({ retry: retrySchema }, closed),
      limitBytes: 16 * 1_024,
      example: { retry: { delaysMs: [5_000, 60_000] } },
    },
    answers: {
      200: {
        description: 'The earliest and latest time of each attempt, if every attempt fails at once',
        schema: Type.Object(
          {
            attempts: Type.Array(
              Type.Object(
                {
                  number: Type.Integer({ minimum: 1 }),
                  earliest: moment('Not before'),
                  latest: moment('Not after'),
                },
                closed,
              ),
            ),
            fullJitterBelowMs: Type.Integer({
              description: 'Jitter: a shorter delay becomes 10–100 % of itself, a longer one 80–120 %',
            }),
          },
          closed,
        ),
      },
    },
  },
} as const satisfies Record<string, Operation>
