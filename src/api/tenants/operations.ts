import { Type } from 'typebox'
import { closed } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { tenantAnswer } from './wire.ts'

const name = Type.String({ minLength: 1, maxLength: 200 })

export const tenantOperations = {
  list: {
    id: 'listTenants',
    tag: 'Tenants',
    method: 'get',
    path: '/v1/tenants',
    summary: 'List tenants',
    access: 'operator',
    query: Type.Object(pageQuery, closed),
    answers: { 200: { description: 'A page, in the order of ids', schema: pageAnswer(tenantAnswer) } },
  },
  put: {
    id: 'putTenant',
    tag: 'Tenants',
    method: 'put',
    path: '/v1/tenants/{tenant}',
    summary: 'Create or rename a tenant',
    access: 'operator',
    body: { schema: Type.Object({ name }, closed), limitBytes: 16 * 1_024, example: { name: 'Acme' } },
    audit: { fields: Type.Object({ name }) },
    answers: {
      200: { description: 'The renamed tenant', schema: tenantAnswer },
      201: { description: 'The new tenant', schema: tenantAnswer },
    },
  },
} as const satisfies Record<string, Operation>
