import { erasureAnswer } from '../answers.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Privacy'
const tenant = '/v1/tenants/{tenant}'

export const visitorOperations = {
  erase: {
    id: 'eraseVisitor',
    tag,
    method: 'delete',
    path: `${tenant}/visitors/{visitorId}`,
    summary: 'Erase a visitor',
    description:
      'Events whose `data` names this visitor’s id are overwritten in the event store; their deliveries stay in the log in ids alone, without body and answers; those that wait are cancelled with the reason `erased`. What was handed to a receiver is that receiver’s to erase. Asked again while it is under way, it is the same one.',
    access: 'deliveries:write',
    personal: true,
    answers: {
      202: { description: 'It is under way', schema: erasureAnswer, headers: { Location: 'Where its progress is' } },
    },
  },
  get: {
    id: 'getErasure',
    tag,
    method: 'get',
    path: `${tenant}/erasures/{id}`,
    summary: 'How far an erasure is, and what it came to',
    description: 'Kept for a year. It does not name the visitor.',
    access: 'deliveries:read',
    answers: { 200: { description: 'The erasure', schema: erasureAnswer } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
