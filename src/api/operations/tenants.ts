import { Type } from 'typebox'
import { scopes } from '../../domain/tenant.ts'
import { newTokenAnswer, tenantAnswer } from '../answers.ts'
import type { Operation } from '../operation.ts'

const tag = 'Tenants'
const bodyLimit = 16 * 1_024

export const tenantSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)

export const tokenSchema = Type.Object(
  {
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Default: never' })),
  },
  { additionalProperties: false },
)

export const tenantOperations = {
  put: {
    id: 'putTenant',
    tag,
    method: 'put',
    path: '/v1/tenants/{tenant}',
    summary: 'Create or rename a tenant',
    access: 'operator',
    body: { schema: tenantSchema, limitBytes: bodyLimit, example: { name: 'Acme' } },
    answers: {
      200: { description: 'It was there, and has this name now', schema: tenantAnswer },
      201: { description: 'It was created', schema: tenantAnswer },
    },
  },
  createToken: {
    id: 'createToken',
    tag,
    method: 'post',
    path: '/v1/tenants/{tenant}/tokens',
    summary: 'Make a token of a tenant',
    description: 'The answer shows it; no later one does.',
    access: 'operator',
    body: { schema: tokenSchema, limitBytes: bodyLimit, example: { scopes: ['subscriptions:read'] } },
    answers: { 201: { description: 'The token', schema: newTokenAnswer } },
    problems: ['unknown_tenant'],
  },
} as const satisfies Record<string, Operation>
