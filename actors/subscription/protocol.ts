import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import type { CircuitPhase, SubscriptionHealth } from '../../src/domain/health.ts'
import type { Announcement } from '../../src/domain/operational.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { OpenVisits } from './order.ts'

/** A delivery that the supervisor has in hand. `stored`: the ledger has a row of it. */
export interface Work {
  readonly delivery: Delivery
  readonly stored: boolean
  /** When the supervisor received it. */
  readonly since: EpochMs
  /** True for the probe of a half-open circuit. */
  readonly probe?: true
}

/** What the ledger holds about a subscription when its supervisor starts. */
export interface StoredState {
  readonly health: SubscriptionHealth | null
  /** Set for `ordering: "visit"`; null otherwise. */
  readonly visits: OpenVisits | null
}

/** A change of the circuit's phase, for the log, the trace and the metrics. */
export interface Transition {
  readonly from: CircuitPhase
  readonly to: CircuitPhase
  /** For end users. */
  readonly reason: string
}

/** The messages of a supervisor. */
export type SubscriptionMessage =
  /** The partition offers a new event, which is not in the ledger yet. */
  | { readonly type: 'offered'; readonly delivery: Delivery }
  /** A POST has ended. */
  | { readonly type: 'attempted'; readonly work: Work; readonly attempt: Attempt; readonly outcome: Outcome }
  /**
   * The ledger has stored this row; `stored`: it held an earlier state of it before; `leftOrder`: a user has sent it again during the
   * attempt, so that it no longer keeps its place in the order of its visit.
   */
  | { readonly type: 'recorded'; readonly row: Delivery; readonly stored: boolean; readonly leftOrder: boolean }
  /** Due rows, and when the next row after them is due. `asked` is the limit of the pull. */
  | {
      readonly type: 'pulled'
      readonly rows: readonly Delivery[]
      readonly asked: number
      readonly nextDueAt: EpochMs | null
    }
  /** The next delivery of a visit, for `ordering: "visit"`; `active`: it has a due time, so that a pull finds it. */
  | {
      readonly type: 'nextOfVisit'
      readonly visitId: string
      readonly row: Delivery | null
      readonly active: boolean
    }
  /** The stream has delivered again what the partition's previous owner had in hand. */
  | { readonly type: 'caughtUp' }
  /** The visits that have open rows. */
  | { readonly type: 'visitsRead'; readonly visits: OpenVisits }
  /** The moment of the last `wakeAt` has come. */
  | { readonly type: 'woke' }
  /** This subscription's rows changed (a resend, a replay), or the watchdog found rows: pull again. */
  | { readonly type: 'backlogChanged' }
  /** A test event has succeeded at the endpoint. */
  | { readonly type: 'tested' }
  /** The customer changed the subscription. */
  | { readonly type: 'configured'; readonly subscription: Subscription }
  /** The customer deleted it. */
  | { readonly type: 'removed' }
  /** The process ends: finish what is under way and hand back the rest. */
  | { readonly type: 'drain' }
  /** Leave memory if nothing waits. */
  | { readonly type: 'idled' }

/** The effects of a supervisor. */
export type SubscriptionEffect =
  | {
      readonly type: 'post'
      readonly work: Work
      readonly subscription: Subscription
      readonly number: number
      /** True if no attempt of the subscription failed or was slow since a minute before the event. */
      readonly receiverHealthy: boolean
    }
  /** Inserts the row, or updates it if it is stored. Answered by `recorded`. */
  | { readonly type: 'record'; readonly row: Delivery; readonly stored: boolean }
  /** Fetches due rows. Answered by `pulled`. */
  | { readonly type: 'pull'; readonly limit: number }
  /** Sets the timer; replaces an earlier `wakeAt`. Answered by `woke`. */
  | { readonly type: 'wakeAt'; readonly at: EpochMs }
  /** Reads the next delivery of a visit. Answered by `nextOfVisit`. */
  | { readonly type: 'readNextOfVisit'; readonly visitId: string }
  /** Reads the visits with open rows. Answered by `visitsRead`. */
  | { readonly type: 'readVisits' }
  /** Stores the endpoint's health and reports the `transition`, in the trace of the attempt that caused it. */
  | {
      readonly type: 'remember'
      readonly health: SubscriptionHealth
      readonly transition: Transition | null
      readonly traceparent: string | null
    }
  /** Publishes an operational event for the tenant. */
  | { readonly type: 'announce'; readonly announcement: Announcement }
  /** Disables the subscription with a reason; `traceparent` is that of the last attempt. */
  | { readonly type: 'disable'; readonly reason: string; readonly at: EpochMs; readonly traceparent: string }
  /** Hands the delivery back: the stream will deliver the event again. */
  | { readonly type: 'handBack'; readonly deliveryId: string }

/** The result of an offer: its row is durable, or the stream must deliver the event again. */
export type OfferResult = 'recorded' | 'handed_back'
