import type { Principal } from './principal.ts'
import type { EpochMs } from './time.ts'

/** One change that was requested. The entry is written before the change is made, so every change has one. */
export interface AuditEntry {
  readonly id: string
  /** Null: a change of the service itself. */
  readonly tenant: string | null
  readonly at: EpochMs
  /** `system`: Doorbell itself, as when it disables a subscription that fails for days. */
  readonly actor: { readonly kind: Principal['kind'] | 'system'; readonly id: string }
  /** The operation's id in the reference, e.g. `changeSubscription`. */
  readonly action: string
  readonly resource: { readonly kind: string; readonly id: string }
  /** `begun`: the process ended during the call, so the change may have been made or not. */
  readonly outcome: 'begun' | 'done' | 'failed'
  /** The fields that changed, as the operation declares them for the audit. */
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly traceId: string | null
}
