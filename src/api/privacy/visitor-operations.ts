import { Type } from 'typebox'
import type { Operation } from '../operation/operation.ts'
import { erasureAnswer } from './wire.ts'

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
      'Events whose `data` contains this visitor’s id are overwritten in the event store. Their deliveries stay in the log, without body and answers; pending and held ones are cancelled with the reason `erased`. Receivers must erase what they have received themselves. While an erasure of the visitor is running, the call returns it.',
    access: 'deliveries:write',
    personal: true,
    audit: { fields: Type.Object({}) },
    answers: {
      202: {
        description: 'The running erasure',
        schema: erasureAnswer,
        headers: { Location: 'The path of its progress' },
      },
    },
  },
  get: {
    id: 'getErasure',
    tag,
    method: 'get',
    path: `${tenant}/erasures/{id}`,
    summary: 'Get an erasure with its progress',
    description: 'Kept for a year. It does not contain the visitor’s id.',
    access: 'deliveries:read',
    answers: { 200: { description: 'The erasure', schema: erasureAnswer } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
