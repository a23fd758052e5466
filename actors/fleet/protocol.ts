import type { Observable } from 'rxjs'
import type { EpochMs } from '../../src/domain/time.ts'

/** The exclusive right to process a partition. NATS keeps it as long as it is renewed. */
export interface Lease {
  readonly partition: number
  /** The revision of the key in the bucket; only the last one renews the lease. */
  readonly revision: number
}

/** The store in which the workers agree. Every method rejects while NATS is unreachable. */
export interface LeaseStore {
  /** Writes the heartbeat of this worker. */
  beat(worker: string): Promise<void>
  /** Returns the workers with a heartbeat within the lease time. */
  workers(): Promise<readonly string[]>
  /** Takes a free lease. Returns null when another worker holds it. */
  take(partition: number, worker: string): Promise<Lease | null>
  /** Returns null when the lease was lost. */
  renew(lease: Lease, worker: string): Promise<Lease | null>
  /** Releases a lease. Does nothing when another worker has taken the partition since. */
  release(lease: Lease): Promise<void>
  /** Removes the heartbeat of this worker. */
  leave(worker: string): Promise<void>
  /** Emits when a worker joined, left, or released a partition. A hint: it may be lost. */
  readonly changes$: Observable<void>
}

/** A partition that this process works on. */
export interface OpenPartition {
  /** Finishes work under way and hands back the rest. */
  drain(): Promise<void>
}

export type FleetMessage =
  | { readonly type: 'ticked' }
  /** A worker joined, left, or released a partition. */
  | { readonly type: 'fleetChanged' }
  /** The actor begins, for the first time or after a fault. */
  | { readonly type: 'begun' }
  | { readonly type: 'workersRead'; readonly workers: readonly string[] }
  /** The server counts the lease from a moment after `sentAt`, so the lease never runs out before this worker expects it. */
  | { readonly type: 'taken'; readonly partition: number; readonly lease: Lease | null; readonly sentAt: EpochMs }
  | { readonly type: 'renewed'; readonly partition: number; readonly lease: Lease | null; readonly sentAt: EpochMs }
  /** NATS did not answer a request for a partition, or, with null, for the workers. */
  | { readonly type: 'unanswered'; readonly partition: number | null }
  | { readonly type: 'drained'; readonly partition: number }
  | { readonly type: 'drain' }

export type FleetEffect =
  /** Writes the heartbeat and reads the live workers. Answered by `workersRead`. */
  | { readonly type: 'beat' }
  | { readonly type: 'take'; readonly partition: number }
  | { readonly type: 'renew'; readonly lease: Lease }
  | { readonly type: 'open'; readonly partition: number }
  /** Answered by `drained`. */
  | { readonly type: 'drainPartition'; readonly partition: number }
  | { readonly type: 'release'; readonly lease: Lease }
  | { readonly type: 'leave' }
