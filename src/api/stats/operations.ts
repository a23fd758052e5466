import { type TSchema, Type } from 'typebox'
import type { Operation } from '../operation/operation.ts'

const closed = { additionalProperties: false }
const either = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const summary = {
  attempts: Type.Integer({ minimum: 0 }),
  succeeded: Type.Integer({ minimum: 0 }),
  failed: Type.Integer({ minimum: 0 }),
  successRate: either(Type.Number({ minimum: 0, maximum: 1 })),
  p50Ms: either(Type.Number({ minimum: 0, description: 'Duration of an attempt' })),
  p95Ms: either(Type.Number({ minimum: 0 })),
}

export const statsOperations = {
  get: {
    id: 'getStats',
    tag: 'Deliveries',
    method: 'get',
    path: '/v1/tenants/{tenant}/stats',
    summary: 'How the last hour was',
    description:
      'Attempts, not events. A minute in which nothing was tried is left out; the newest seconds may be missing.',
    access: 'deliveries:read',
    query: Type.Object(
      { subscriptionId: Type.Optional(Type.String({ maxLength: 64, description: 'Of this subscription alone' })) },
      closed,
    ),
    answers: {
      200: {
        description: 'Each subscription that tried something, minute by minute',
        schema: Type.Object(
          {
            from: Type.String({ format: 'date-time' }),
            to: Type.String({ format: 'date-time' }),
            items: Type.Array(
              Type.Object(
                {
                  subscriptionId: Type.String(),
                  ...summary,
                  buckets: Type.Array(Type.Object({ at: Type.String({ format: 'date-time' }), ...summary }, closed)),
                },
                closed,
              ),
            ),
          },
          closed,
        ),
      },
    },
  },
} as const satisfies Record<string, Operation>
