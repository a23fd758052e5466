import { Type } from 'typebox'
import { anyObject } from '../answers.ts'
import type { Operation } from '../operation/operation.ts'
import { retrySchema } from '../subscriptions/schema.ts'

const tag = 'Catalogue'
const closed = { additionalProperties: false }
const moment = Type.String({ format: 'date-time' })

export const catalogueOperations = {
  eventTypes: {
    id: 'listEventTypes',
    tag,
    method: 'get',
    path: '/v1/event-types',
    summary: 'What can be subscribed to',
    access: 'open',
    answers: {
      200: {
        description: 'Every event type with the JSON Schema of its data and a sample',
        schema: Type.Object(
          {
            items: Type.Array(
              Type.Object(
                { type: Type.String(), description: Type.String(), schema: anyObject, sample: anyObject },
                closed,
              ),
            ),
          },
          closed,
        ),
      },
    },
  },
  retryPreview: {
    id: 'previewRetry',
    tag,
    method: 'post',
    path: '/v1/retry-preview',
    summary: 'What a retry policy means in clock times',
    access: 'open',
    body: {
      schema: Type.Object({ retry: retrySchema }, closed),
      limitBytes: 16 * 1_024,
      example: { retry: { delaysMs: [5_000, 60_000] } },
    },
    answers: {
      200: {
        description: 'Each attempt at its earliest and latest, if every one fails at once',
        schema: Type.Object(
          {
            attempts: Type.Array(
              Type.Object({ number: Type.Integer({ minimum: 1 }), earliest: moment, latest: moment }, closed),
            ),
            fullJitterBelowMs: Type.Integer({
              description: 'Shorter delays are spread over 10–100 % of themselves, longer ones over ± 20 %',
            }),
          },
          closed,
        ),
      },
    },
  },
} as const satisfies Record<string, Operation>
