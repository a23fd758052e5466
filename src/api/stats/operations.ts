import { Type } from 'typebox'
import { closed, maybe } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { statsAnswer } from './wire.ts'

export const statsOperations = {
  get: {
    id: 'getStats',
    tag: 'Deliveries',
    method: 'get',
    path: '/v1/tenants/{tenant}/stats',
    summary: 'Get the attempts of the last hour',
    description: 'A minute without attempts is left out. The latest seconds may be missing.',
    access: 'deliveries:read',
    query: Type.Object(
      { subscriptionId: maybe(Type.String({ maxLength: 64, description: 'Only of this subscription' })) },
      closed,
    ),
    answers: {
      200: { description: 'Each subscription with attempts, minute by minute', schema: statsAnswer },
    },
  },
} as const satisfies Record<string, Operation>
