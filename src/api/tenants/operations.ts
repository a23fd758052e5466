import { Type } from 'typebox'
import { scopes } from '../../domain/tenant.ts'
import { newTokenAnswer, pageAnswer, tenantAnswer, tokenAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'

const bodyLimit = 16 * 1_024
const closed = { additionalProperties: false }
const tokensPath = '/v1/tenants/{tenant}/tokens'

const tenantSchema = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }, closed)

const tokenSchema = Type.Object(
  {
    description: Type.Optional(Type.String({ maxLength: 200, description: 'What it is for' })),
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'Default: never' })),
  },
  closed,
)

export const tenantOperations = {
  list: {
    id: 'listTenants',
    tag: 'Tenants',
    method: 'get',
    path: '/v1/tenants',
    summary: 'List tenants',
    access: 'operator',
    query: Type.Object(pageQuery, closed),
    answers: { 200: { description: 'A page, in the order of their ids', schema: pageAnswer(tenantAnswer) } },
  },
  put: {
    id: 'putTenant',
    tag: 'Tenants',
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
  me: {
    id: 'getMe',
    tag: 'Access',
    method: 'get',
    path: '/v1/me',
    summary: 'Whom the token stands for, and what it may do',
    access: 'known',
    answers: {
      200: {
        description: 'The caller',
        schema: Type.Object(
          {
            role: Type.Enum(['operator', 'tenant']),
            kind: Type.Enum(['operator', 'token', 'user']),
            id: Type.String(),
            tenant: Type.Union([Type.String(), Type.Null()]),
            name: Type.Union([Type.String(), Type.Null()], { description: 'The tenant’s' }),
            scopes: Type.Array(Type.Enum([...scopes])),
          },
          closed,
        ),
      },
    },
  },
  createToken: {
    id: 'createToken',
    tag: 'Access',
    method: 'post',
    path: tokensPath,
    summary: 'Make a token of a tenant',
    description: 'The answer shows it; no later one does. A token may not be given what its maker has not.',
    access: 'tokens:write',
    body: { schema: tokenSchema, limitBytes: bodyLimit, example: { scopes: ['subscriptions:read'] } },
    answers: { 201: { description: 'The token', schema: newTokenAnswer } },
  },
  listTokens: {
    id: 'listTokens',
    tag: 'Access',
    method: 'get',
    path: tokensPath,
    summary: 'List tokens, never the tokens themselves',
    access: 'tokens:write',
    query: Type.Object(pageQuery, closed),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(tokenAnswer) } },
  },
  revokeToken: {
    id: 'revokeToken',
    tag: 'Access',
    method: 'delete',
    path: `${tokensPath}/{id}`,
    summary: 'Revoke a token',
    description:
      'Refused at once, and what it follows live ends. A process that NATS cannot reach refuses it within five seconds.',
    access: 'tokens:write',
    answers: { 204: { description: 'It is revoked' } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
