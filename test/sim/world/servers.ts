import type { openLedger } from '../../../src/ledger/ledger.ts'
import type { connectStreams } from '../../../src/streams/connect.ts'
import type { Owner } from '../time/timeline.ts'
import type { ServerName } from './plan.ts'

/** A change of a stored document, at the moment when it counts. */
export interface Change {
  readonly collection: string
  readonly type: 'insert' | 'replace' | 'update' | 'delete'
  readonly id: unknown
  readonly doc: Readonly<Record<string, unknown>> | null
}

/** A message that the event stream took. */
export interface Message {
  readonly sequence: number
  readonly at: number
  readonly tenant: string
  readonly type: string
  readonly isControl: boolean
  /** Null: it is not an event that could be delivered. */
  readonly event: Readonly<Record<string, unknown>> | null
  /** The client's own name for it. */
  readonly ref: string
  readonly text: string
}

/** What changes on the way between a process and a server. `cut: null` mends it. */
export interface LinkChange {
  readonly cut?: 'silent' | 'closed' | null
  readonly delayMs?: number
}

/** The servers as one process reaches them. */
export interface ProcessServers {
  readonly openLedger: typeof openLedger
  readonly connectStreams: typeof connectStreams
  cut(server: ServerName, how: 'silent' | 'closed'): void
  heal(server: ServerName): void
  delay(server: ServerName, ms: number): void
  loseAnswers(server: ServerName, count: number): void
  pause(): void
  resume(): void
  end(how: 'killed' | 'vanished'): void
}

/** MongoDB and NATS, as models. */
export interface Servers {
  forProcess(owner: Owner): ProcessServers
  failover(electionMs: number): void
  restartNats(forMs: number): void
  fillStream(isFull: boolean): void
  /** A message from outside, as a platform's publisher may put one there. */
  publishRaw(subject: string, data: Uint8Array): void
  /** Messages that no consumer has acknowledged. */
  unacknowledged(): readonly number[]
}
