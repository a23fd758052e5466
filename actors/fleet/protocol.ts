import type { Observable } from 'rxjs'
import type { EpochMs } from '../../src/domain/time.ts'

/** The right to work on a partition, kept by NATS for as long as it is renewed. */
export interface Lease {
  readonly partition: number
  /** Of the key in the bucket: only who knows the last one can renew it. */
  readonly revision: number
}

/** Where the fleet agrees. Every method rejects while NATS is away. */
export interface LeaseStore {
  /** Says that this worker lives. */
  beat(worker: string): Promise<void>
  /** Workers that said so within the lease time. */
  workers(): Promise<readonly string[]>
  /** Takes a lease that nobody holds; null when somebody does. */
  take(partition: number, worker: string): Promise<Lease | null>
  /** Null when it was lost. */
  renew(lease: Lease, worker: string): Promise<Lease | null>
  /** Does nothing to a lease that somebody took after this one. */
  release(lease: Lease): Promise<void>
  /** This worker counts no more. */
  leave(worker: string): Promise<void>
  /** Somebody came, left, or released a partition: a hint that may be lost. */
  readonly changes$: Observable<void>
}

/** A partition in this process's hands. */
export interface OpenPartition {
  /** Finishes what is under way and lets the rest go. */
  drain(): Promise<void>
}

export type FleetMessage =
  | { readonly type: 'ticked' }
  /** Somebody came, left, or released a partition. */
  | { readonly type: 'stirred' }
  /** This actor begins anew: what it waited for will not be answered. */
  | { readonly type: 'restarted' }
  | { readonly type: 'workersRead'; readonly workers: readonly string[] }
  /** `sentAt`: the server counts the lease from a later moment, so we never believe in it for too long. */
  | { readonly type: 'taken'; readonly partition: number; readonly lease: Lease | null; readonly sentAt: EpochMs }
  | { readonly type: 'renewed'; readonly partition: number; readonly lease: Lease | null; readonly sentAt: EpochMs }
  /** NATS did not answer; null: about the workers. */
  | { readonly type: 'unanswered'; readonly partition: number | null }
  | { readonly type: 'drained'; readonly partition: number }
  | { readonly type: 'drain' }

export type FleetEffect =
  /** Say that we live, and see who else does. Answered by `workersRead`. */
  | { readonly type: 'beat' }
  | { readonly type: 'take'; readonly partition: number }
  | { readonly type: 'renew'; readonly lease: Lease }
  | { readonly type: 'open'; readonly partition: number }
  /** Answered by `drained`. */
  | { readonly type: 'drainPartition'; readonly partition: number }
  | { readonly type: 'release'; readonly lease: Lease }
  | { readonly type: 'leave' }
