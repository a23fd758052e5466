import { ulid } from 'ulid'
import type { SubscriptionEffect } from '../../actors/subscription/protocol.ts'
import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import type { AuditEntry } from '../domain/audit.ts'
import { originTraceIdOf } from '../domain/delivery-trace.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Ledger } from '../ledger/ledger.ts'

export interface DisablingParts {
  readonly ledger: Pick<Ledger, 'audit' | 'subscriptions'>
  readonly directory: Pick<Directory, 'byId'>
  readonly metrics: Pick<DoorbellMetrics, 'disabled'>
  readonly log: Pick<Log, 'warn'>
}

type Disable = SubscriptionEffect & { readonly type: 'disable' }

/** Disables a subscription after its endpoint has failed for too long. The audit entry is written before the change, and names Doorbell as the actor. */
export const disable =
  ({ ledger, directory, metrics, log }: DisablingParts) =>
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
    // False when it is no longer active: the customer paused it, or an earlier call did this and its answer was lost.
    if (!(await ledger.subscriptions.disable(subscriptionId, reason, at))) return ledger.audit.forget(entry.id)
    metrics.disabled()
    const change = { before: { status: 'active' }, after: { status: 'disabled', statusReason: reason } }
    const remedy = 'the tenant must fix the endpoint and resume the subscription'
    log.warn({ subscriptionId, reason, remedy }, 'subscription disabled')
    return ledger.audit.end({ ...entry, ...change, outcome: 'done' })
  }
