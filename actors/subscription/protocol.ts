import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import type { CircuitPhase, SubscriptionHealth } from '../../src/domain/health.ts'
import type { Announcement } from '../../src/domain/operational.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { Turns } from './order.ts'

/** A delivery in the supervisor's hands. `stored` tells whether the ledger has a row of it already. */
export interface Work {
  readonly delivery: Delivery
  readonly stored: boolean
  /** When it came into these hands. */
  readonly since: EpochMs
  /** True while it tries a half-open circuit. */
  readonly probe?: true
}

/** What the ledger knows of a subscription when its supervisor begins. */
export interface StoredState {
  readonly health: SubscriptionHealth | null
  /** For `ordering: "visit"`; null otherwise. */
  readonly turns: Turns | null
}

/** A circuit that opened or closed, for the log, the trace and the metrics. */
export interface Transition {
  readonly from: CircuitPhase
  readonly to: CircuitPhase
  /** In an end user's words. */
  readonly reason: string
}

/** What a supervisor is told. */
export type SubscriptionMessage =
  /** A new event matched: from the partition, not yet in the ledger. */
  | { readonly type: 'offered'; readonly delivery: Delivery }
  /** A POST came to its end. */
  | { readonly type: 'attempted'; readonly work: Work; readonly attempt: Attempt; readonly outcome: Outcome }
  /** The ledger holds this row now; `stored` tells whether it held an earlier state of it before. */
  | { readonly type: 'recorded'; readonly row: Delivery; readonly stored: boolean }
  /** Rows that are due, and when the next one after them will be. `asked` is the limit of the pull. */
  | {
      readonly type: 'pulled'
      readonly rows: readonly Delivery[]
      readonly asked: number
      readonly nextDueAt: EpochMs | null
    }
  /** The next delivery of a visit, by `ordering: "visit"`; `active` tells that it is due by itself. */
  | {
      readonly type: 'turnCame'
      readonly visitId: string
      readonly row: Delivery | null
      readonly active: boolean
    }
  /** The stream has offered again what the last owner of the partition had in hand. */
  | { readonly type: 'caughtUp' }
  /** The visits that have open rows. */
  | { readonly type: 'turnsRead'; readonly turns: Turns }
  /** The moment that `wakeAt` named has come. */
  | { readonly type: 'woke' }
  /** Somebody else changed this subscription's rows (a resend, a watchdog's find): look again. */
  | { readonly type: 'backlogChanged' }
  /** The customer changed the subscription. */
  | { readonly type: 'configured'; readonly subscription: Subscription }
  /** The customer deleted it. */
  | { readonly type: 'removed' }
  /** The process is about to end: finish what is under way, hand back the rest. */
  | { readonly type: 'drain' }
  /** Nothing has happened for a while: leave memory if nothing waits. */
  | { readonly type: 'idled' }

/** What a supervisor orders. */
export type SubscriptionEffect =
  | {
      readonly type: 'post'
      readonly work: Work
      readonly subscription: Subscription
      readonly number: number
      /** No attempt of the subscription failed or was slow since a minute before the event. */
      readonly receiverHealthy: boolean
    }
  /** Write the row: inserted when the ledger has none, else updated. Answered by `recorded`. */
  | { readonly type: 'record'; readonly row: Delivery; readonly stored: boolean }
  /** Fetch due rows. Answered by `pulled`. */
  | { readonly type: 'pull'; readonly limit: number }
  /** Replaces the earlier `wakeAt`. Answered by `woke`. */
  | { readonly type: 'wakeAt'; readonly at: EpochMs }
  /** Fetch the next delivery of a visit. Answered by `turnCame`. */
  | { readonly type: 'askTurn'; readonly visitId: string }
  /** Read the visits that have open rows. Answered by `turnsRead`. */
  | { readonly type: 'readTurns' }
  /** Keep how the endpoint behaves; `transition` is told to whoever watches, in the trace of the attempt that caused it. */
  | {
      readonly type: 'remember'
      readonly health: SubscriptionHealth
      readonly transition: Transition | null
      readonly traceparent: string | null
    }
  /** Tell the tenant. */
  | { readonly type: 'announce'; readonly announcement: Announcement }
  /** Write that the subscription is disabled, and why; `traceparent` is of the last attempt. */
  | { readonly type: 'disable'; readonly reason: string; readonly at: EpochMs; readonly traceparent: string }
  /** Not to be delivered by this process: the stream will offer the event again. */
  | { readonly type: 'handBack'; readonly deliveryId: string }

/** What became of an offered delivery: its row is durable, or the stream must offer the event again. */
export type OfferResult = 'recorded' | 'handed_back'
