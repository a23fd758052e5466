import { Type } from 'typebox'
import type { AuditEntry } from '../../domain/audit.ts'
import { anyObject, closed, either, iso, maybe, moment, text, type Wire } from '../http/wire.ts'

export const auditAnswer = Type.Object(
  {
    id: Type.String(),
    tenant: either(text('null: of the service itself')),
    at: moment('When the call was made'),
    actor: Type.Object({ kind: Type.Enum(['operator', 'token', 'user', 'system']), id: Type.String() }, closed),
    action: text('The operation’s id, e.g. changeSubscription'),
    resource: Type.Object({ kind: Type.String(), id: Type.String() }, closed),
    outcome: Type.Enum(['begun', 'done', 'failed'], {
      description: 'begun: the process ended during the call; check whether the change was made',
    }),
    before: maybe(anyObject),
    after: maybe(anyObject),
    traceId: either(Type.String()),
  },
  { ...closed, title: 'AuditEntry' },
)

export const showEntry = (entry: AuditEntry): Wire<typeof auditAnswer> => ({ ...entry, at: iso(entry.at) })
