import { ulid } from 'ulid'
import { type AuditEntry, difference } from '../../domain/audit.ts'
import { Failure } from '../../domain/failure.ts'
import { principalOf } from './guard.ts'
import type { ApiDeps } from '../deps.ts'
import type { Around, Change, Operation, Step } from './operation.ts'
import { problemKinds } from '../http/problem-kinds.ts'

/**
 * Writes who changes what, before it is changed: of a process that dies in the middle an entry with the outcome `begun` is left. Every
 * operation that changes something is covered by being one; its handler may tell what it changed.
 */
export const audited =
  (deps: AuditDeps): Around =>
  operation =>
    changesSomething(operation) ? entered(deps, operation) : null

type AuditDeps = Pick<ApiDeps, 'audit' | 'trace' | 'now' | 'log'>

const entered =
  ({ audit, trace, now, log }: AuditDeps, operation: Operation): Step =>
  async (context, call, handle) => {
    const principal = principalOf(context)
    if (principal === undefined) throw new Error('a change by nobody: the operation was not let in')
    const at = now()
    const entry: AuditEntry = {
      id: `aud_${ulid(at)}`,
      tenant: call.params['tenant'] ?? null,
      at,
      actor: { kind: principal.kind, id: principal.id },
      action: operation.id,
      resource: resourceOf(operation, call.params),
      outcome: 'begun',
      traceId: trace()?.traceId ?? null,
    }
    await audit.begin(entry)
    try {
      await handle()
    } catch (error) {
      const refused = error instanceof Failure && problemKinds[error.code][0] < 500
      const failed = { ...entry, ...changeOf(entry, call.changes), outcome: 'failed' } as const
      await (refused ? audit.forget(entry.id) : audit.end(failed)).catch(() => undefined)
      throw error
    }
    await audit.end({ ...entry, ...changeOf(entry, call.changes), outcome: 'done' }).catch((error: unknown) =>
      // The change is made: an error would have it made twice, or lose a secret that is shown once.
      log.error(
        { err: error, auditId: entry.id, remedy: 'the entry stays `begun`; look at MongoDB' },
        'audit not ended',
      ),
    )
  }

/** Events are no changes of ours: they have a log of their own. */
const changesSomething = ({ method, access }: Operation): boolean =>
  method !== 'get' && access !== 'open' && access !== 'events:write'

const changeOf = ({ resource }: AuditEntry, changes: readonly Change[]): Partial<AuditEntry> => {
  const { id = resource.id, before = {}, after = {} } = Object.assign({}, ...changes) as Change
  return { resource: { ...resource, id }, ...difference(before, after) }
}

/** `/v1/tenants/{tenant}/subscriptions/{id}/pause` → that subscription; of a collection the handler tells the new one's id. */
const resourceOf = ({ path, personal }: Operation, params: Readonly<Record<string, string>>) => {
  const words = path.split('/').slice(2)
  const last = words.findLastIndex(word => word.startsWith('{'))
  const name = words[last]?.slice(1, -1)
  const isCollection = name === undefined || (name === 'tenant' && last < words.length - 1)
  const kind = (isCollection ? words[last + 1] : words[last - 1]) ?? ''
  const id = isCollection || personal === true ? '' : (params[name] ?? '')
  return { kind: kind.replace(/ies$/, 'y').replace(/s$/, ''), id }
}
