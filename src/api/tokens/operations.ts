import { Type } from 'typebox'
import { scopes } from '../../domain/tenant.ts'
import { closed, maybe, moment } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { callerAnswer, newTokenAnswer, tokenAnswer } from './wire.ts'

const tag = 'Access'
const path = '/v1/tenants/{tenant}/tokens'

const newToken = Type.Object(
  {
    description: maybe(Type.String({ maxLength: 200, description: 'What it is for' })),
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true }),
    expiresAt: maybe(moment('Default: never')),
  },
  closed,
)

export const tokenOperations = {
  me: {
    id: 'getMe',
    tag,
    method: 'get',
    path: '/v1/me',
    summary: 'Get the caller and its scopes',
    access: 'known',
    answers: { 200: { description: 'The caller', schema: callerAnswer } },
  },
  create: {
    id: 'createToken',
    tag,
    method: 'post',
    path,
    summary: 'Create a token of a tenant',
    description:
      'The answer contains the token; it is not shown again. A token cannot have a scope that its creator does not have, except that an administrator of the portal may give `events:write`.',
    access: 'tokens:write',
    body: { schema: newToken, limitBytes: 16 * 1_024, example: { scopes: ['subscriptions:read'] } },
    audit: { fields: newToken },
    answers: { 201: { description: 'The token', schema: newTokenAnswer } },
  },
  list: {
    id: 'listTokens',
    tag,
    method: 'get',
    path,
    summary: 'List tokens, without the tokens themselves',
    access: 'tokens:write',
    query: Type.Object(pageQuery, closed),
    answers: { 200: { description: 'A page, the oldest first', schema: pageAnswer(tokenAnswer) } },
  },
  revoke: {
    id: 'revokeToken',
    tag,
    method: 'delete',
    path: `${path}/{id}`,
    summary: 'Revoke a token',
    description:
      'The token is refused at once, and its live streams end. A process that NATS cannot reach refuses it within five seconds.',
    access: 'tokens:write',
    audit: { fields: newToken },
    answers: { 204: { description: 'The token is revoked' } },
    problems: ['not_found'],
  },
} as const satisfies Record<string, Operation>
