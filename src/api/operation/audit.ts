import type { AuditEntry } from '../../domain/audit.ts'
import { Failure } from '../../domain/failure.ts'
import { problemKinds } from '../http/problem-kinds.ts'
import { compileDifference } from './audit-difference.ts'
import type { CallMiddleware, Change } from './call.ts'
import { isAudited, type Operation } from './operation.ts'

export interface AuditDeps {
  readonly audit: {
    /** An entry with this id stays as it is: a repeated call continues it. */
    begin(entry: AuditEntry): Promise<void>
    end(entry: AuditEntry): Promise<void>
    forget(id: string): Promise<void>
  }
  readonly trace: () => { readonly traceId: string } | null
  readonly log: { error(fields: object, text: string): void }
}

/**
 * Writes an audit entry before the change is made: a process that dies in between leaves an entry with the outcome `begun`. The handler
 * reports what changed; the entry shows the fields that the operation declares.
 */
export const recordChange = ({ audit, trace, log }: AuditDeps, operation: Operation): CallMiddleware | null => {
  if (!isAudited(operation)) return null
  if (operation.audit === undefined) throw new Error(`${operation.id} does not declare what an audit entry shows of it`)
  const difference = compileDifference(operation.audit)
  return async (context, next) => {
    const { principal, identity } = context.state
    if (principal === undefined) throw new Error('a change without a caller: the operation is open')
    const params: Readonly<Record<string, string>> = context.params
    const { at } = identity
    const begun: AuditEntry = {
      id: identity.id('aud'),
      tenant: params['tenant'] ?? null,
      at,
      actor: { kind: principal.kind, id: principal.id },
      action: operation.id,
      resource: resourceOf(operation, params),
      outcome: 'begun',
      traceId: trace()?.traceId ?? null,
    }
    const changes: Change[] = []
    context.state.record = change => void changes.push(change)
    const ended = (outcome: 'done' | 'failed'): AuditEntry => {
      const { id = begun.resource.id, before = {}, after = {} } = Object.assign({}, ...changes) as Change
      return { ...begun, resource: { ...begun.resource, id }, ...difference(before, after), outcome }
    }
    await audit.begin(begun)
    try {
      await next()
    } catch (error) {
      // Of a repeated call, the entry may be that of the earlier one.
      const isRefused = !identity.isRepeated && error instanceof Failure && problemKinds[error.code].status < 500
      await (isRefused ? audit.forget(begun.id) : audit.end(ended('failed'))).catch(() => undefined)
      throw error
    }
    await audit.end(ended('done')).catch((error: unknown) =>
      // The change is made. An error now would make the caller repeat it, or lose a secret that is shown once.
      log.error(
        { err: error, auditId: begun.id, remedy: 'check MongoDB; the entry keeps the outcome `begun`' },
        'the audit entry was not completed',
      ),
    )
  }
}

/** `/v1/tenants/{tenant}/subscriptions/{id}/pause` is of that subscription; for a collection the handler reports the new resource’s id. */
const resourceOf = (
  { path, personal }: Operation,
  params: Readonly<Record<string, string>>,
): AuditEntry['resource'] => {
  const words = path.split('/').slice(2)
  const last = words.findLastIndex(word => word.startsWith('{'))
  const name = words[last]?.slice(1, -1)
  const isCollection = name === undefined || (name === 'tenant' && last < words.length - 1)
  const kind = (isCollection ? words[last + 1] : words[last - 1]) ?? ''
  const id = isCollection || personal === true ? '' : (params[name] ?? '')
  return { kind: kind.replace(/ies$/, 'y').replace(/s$/, ''), id }
}
