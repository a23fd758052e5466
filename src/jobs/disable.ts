import { ulid } from 'ulid'
import type { SubscriptionEffect } from '../../actors/subscription/protocol.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { originTraceIdOf } from '../domain/delivery-trace.ts'
import type { WorkerParts } from '../service/worker-parts.ts'

/** Disables a subscription whose endpoint failed too long. The audit names Doorbell itself; as always, before the change. */
export const disable =
  ({ ledger, directory, log, metrics }: Pick<WorkerParts, 'ledger' | 'directory' | 'log' | 'metrics'>) =>
  async (subscriptionId: string, { reason, at, traceparent }: Disable): Promise<void> => {
    const entry: AuditEntry = {
      id: `aud_${ulid(at)}`,
      tenant: directory.byId(subscriptionId)?.tenant ?? null,
      at,
      actor: { kind: 'system', id: 'doorbell' },
      action: 'disableSubscription',
      resource: { kind: 'subscription', id: subscriptionId },
      outcome: 'begun',
      traceId: originTraceIdOf({ traceparent }) || null,
    }
    await ledger.audit.begin(entry)
    // Somebody paused it meanwhile, or an attempt at this before was made although its answer was lost.
    if (!(await ledger.subscriptions.disable(subscriptionId, reason, at))) return ledger.audit.forget(entry.id)
    metrics.disabled()
    const change = { before: { status: 'active' }, after: { status: 'disabled', statusReason: reason } }
    log.warn(
      { subscriptionId, reason, remedy: 'the tenant mends the endpoint and resumes the subscription' },
      'subscription disabled',
    )
    return ledger.audit.end({ ...entry, ...change, outcome: 'done' })
  }

type Disable = SubscriptionEffect & { readonly type: 'disable' }
