/** What the servers hold and what has happened in the world, as an observer without any delay sees it. The invariants are judged by it. */
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Post, PostBegun } from '../world/endpoints.ts'
import type { History } from '../world/history.ts'
import type { Fault, Plan } from '../world/plan.ts'
import type { Change, Message } from '../world/servers.ts'

export type Doc = Readonly<Record<string, unknown>>

export interface Violation {
  readonly at: number
  readonly invariant: string
  readonly text: string
  /** The open fault of the service that explains it (known-faults.ts); null: none does. */
  readonly known: string | null
}

/** A stored state of a subscription. */
export interface Version {
  readonly from: number
  /** Null: it was deleted. */
  readonly doc: Doc | null
}

/** A fault with the time in which it can show: until a moment after its end. */
export interface Disturbance {
  readonly fault: Fault
  readonly from: number
  until: number
}

export interface Truth {
  readonly plan: Plan
  readonly history: History
  now(): number
  readonly rows: ReadonlyMap<string, Doc>
  readonly rowsOfSubscription: ReadonlyMap<string, ReadonlySet<string>>
  readonly health: ReadonlyMap<string, Doc>
  readonly aside: ReadonlySet<number>
  readonly versions: ReadonlyMap<string, readonly Version[]>
  readonly messages: ReadonlyMap<number, Message>
  /** The subscriptions' versions that were reported in the stream: by id, with the sequence of the message. */
  readonly configured: ReadonlyMap<string, readonly { readonly sequence: number; readonly version: number | null }[]>
  readonly posts: readonly Post[]
  readonly disturbances: Disturbance[]
  /** How the endpoints of a subscription have behaved so far. */
  charactersOf(key: string): readonly string[]
  /** When everything was well again; Infinity before. */
  healedAt(): number
  /** The name that a person reads: the key of a subscription, from its url. */
  keyOf(subscriptionId: string): string
  /** `since`: when what led to it began, if that was earlier. */
  broken(invariant: string, text: string, since?: number): void
}

/** One promise of the service: it looks at each step that concerns it, and at the end. */
export interface Invariant {
  readonly onChange?: (change: Change, before: Doc | undefined) => void
  readonly onMessage?: (message: Message) => void
  readonly onAck?: (sequence: number) => void
  readonly onPostBegun?: (post: PostBegun) => void
  readonly onArrival?: (post: Post) => void
  readonly onAnswer?: (post: Post) => void
  readonly onPostEnded?: (post: PostBegun, outcome: Outcome) => void
  /** Each second. */
  readonly onSecond?: () => void
  /** Everything is well for as long as the service may need. */
  readonly onEnd?: () => void
}

export const isFinal = (status: unknown): boolean =>
  status === 'delivered' || status === 'dead' || status === 'cancelled'
