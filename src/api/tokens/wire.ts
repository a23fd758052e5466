import { Type } from 'typebox'
import type { AccessToken } from '../../domain/tenant.ts'
import { scopes } from '../../domain/tenant.ts'
import { closed, either, iso, isoOrNull, maybe, moment, text, type Wire } from '../http/wire.ts'

export const scopeList = Type.Array(Type.Enum([...scopes]))
const expiresAt = either(moment('When it stops being valid; null: never'))

export const newTokenAnswer = Type.Object(
  { id: Type.String(), token: text('`dbt_…`: not shown again'), scopes: scopeList, expiresAt },
  closed,
)

export const tokenAnswer = Type.Object(
  {
    id: Type.String(),
    description: maybe(Type.String()),
    scopes: scopeList,
    createdAt: moment('When it was created'),
    createdBy: maybe(text('`operator`, a token’s id, or a user')),
    expiresAt,
    lastUsedAt: either(moment('To about a minute')),
    revokedAt: either(moment('When it was revoked')),
  },
  { ...closed, title: 'Token' },
)

export const showToken = (token: AccessToken): Wire<typeof tokenAnswer> => ({
  ...token,
  createdAt: iso(token.createdAt),
  expiresAt: isoOrNull(token.expiresAt),
  lastUsedAt: isoOrNull(token.lastUsedAt),
  revokedAt: isoOrNull(token.revokedAt),
})

/** Who calls. */
export const callerAnswer = Type.Object(
  {
    role: Type.Enum(['operator', 'tenant']),
    kind: Type.Enum(['operator', 'token', 'user']),
    id: Type.String(),
    tenant: either(Type.String()),
    name: Type.Union([Type.String(), Type.Null()], { description: 'The tenant’s name' }),
    scopes: scopeList,
  },
  closed,
)
