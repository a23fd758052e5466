import type { Directory } from '../ledger/directory.ts'
import type { OwnedPartitions } from './owned-partitions.ts'

const retentionPrefix = 'ret_'

/** Returns the signal that a tenant's retention changed. */
export const retentionSignal = (tenant: string): string => `${retentionPrefix}${tenant}`

const testedPrefix = 'well_'

/** Returns the signal that a test event has succeeded at a subscription's endpoint. */
export const testedSignal = (subscriptionId: string): string => `${testedPrefix}${subscriptionId}`

/** True for the signal that a token was revoked, which the API processes follow. */
export const isTokenSignal = (id: string): boolean => id.startsWith('tok_')

export interface WakeUps {
  readonly replay: () => unknown
  readonly erasure: () => unknown
  readonly retention: (tenant: string) => unknown
  readonly tested: (subscriptionId: string) => unknown
  readonly subscription: (id: string) => unknown
}

/** Dispatches a wake-up signal by its id prefix. */
export const dispatch =
  (to: WakeUps) =>
  (id: string): void => {
    if (id.startsWith('rpl_')) to.replay()
    else if (id.startsWith('era_')) to.erasure()
    else if (id.startsWith(retentionPrefix)) to.retention(id.slice(retentionPrefix.length))
    else if (id.startsWith(testedPrefix)) to.tested(id.slice(testedPrefix.length))
    else if (!isTokenSignal(id)) to.subscription(id)
  }

/** Wakes a subscription's supervisor after a change of its rows, if this process works on its tenant. */
export const createWake =
  (directory: Pick<Directory, 'byId'>, owned: OwnedPartitions) =>
  (id: string): void => {
    const subscription = directory.byId(id)
    // The tenant of a removed subscription is unknown, and any partition can cancel its rows.
    if (subscription === undefined) owned.all()[0]?.supervisors.wake(id)
    else if (subscription.status === 'active') owned.ofTenant(subscription.tenant)?.supervisors.wake(id)
  }

/** Reports a successful test event to the subscription's supervisor, if this process works on its tenant. */
export const createTested =
  (directory: Pick<Directory, 'byId'>, owned: OwnedPartitions) =>
  (id: string): void => {
    const subscription = directory.byId(id)
    if (subscription !== undefined) owned.ofTenant(subscription.tenant)?.supervisors.tested(id)
  }
