import { Type } from 'typebox'
import { closed, maybe } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { auditAnswer } from './wire.ts'

const common = {
  tag: 'Access',
  method: 'get',
  query: Type.Object(
    {
      resource: maybe(Type.String({ maxLength: 200, description: 'Only of the resource with this id' })),
      action: maybe(Type.String({ maxLength: 100, description: 'Only this operation, e.g. changeSubscription' })),
      ...pageQuery,
    },
    closed,
  ),
  answers: { 200: { description: 'A page, the newest first', schema: pageAnswer(auditAnswer) } },
} as const

export const auditOperations = {
  ofTenant: {
    ...common,
    id: 'listAudit',
    path: '/v1/tenants/{tenant}/audit',
    summary: 'List the changes of a tenant',
    access: 'subscriptions:read',
  },
  ofAll: {
    ...common,
    id: 'listAuditOfAll',
    path: '/v1/audit',
    summary: 'List the changes of all tenants and of the service',
    access: 'operator',
  },
} as const satisfies Record<string, Operation>
