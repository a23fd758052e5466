import { Type } from 'typebox'
import { auditAnswer, pageAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'

const query = Type.Object(
  {
    resource: Type.Optional(Type.String({ maxLength: 200, description: 'Id of what was changed' })),
    action: Type.Optional(Type.String({ maxLength: 100, description: 'An operationId, e.g. changeSubscription' })),
    ...pageQuery,
  },
  { additionalProperties: false },
)
const answers = { 200: { description: 'A page, the newest first', schema: pageAnswer(auditAnswer) } }

export const auditOperations = {
  ofTenant: {
    id: 'listAudit',
    tag: 'Access',
    method: 'get',
    path: '/v1/tenants/{tenant}/audit',
    summary: 'Who changed what of a tenant',
    access: 'subscriptions:read',
    query,
    answers,
  },
  ofAll: {
    id: 'listAuditOfAll',
    tag: 'Access',
    method: 'get',
    path: '/v1/audit',
    summary: 'Who changed what, of all tenants and of the service',
    access: 'operator',
    query,
    answers,
  },
} as const satisfies Record<string, Operation>
