import type { EpochMs } from './time.ts'

/** A message of the event stream, as a partition reads it. Exactly one of `ack`, `handBack` and `discard` ends it. */
export interface VisitMessage {
  readonly partition: number
  readonly tenant: string
  readonly type: string
  readonly sequence: number
  /** When the stream accepted it. */
  readonly at: EpochMs
  /** True when, with this message, everything has arrived again that the previous reader had in hand. */
  readonly caughtUp: boolean
  /** How often it was delivered before. */
  readonly redeliveries: number
  readonly traceparent: string | null
  /** Returns the body. Throws Failure `not_utf8`. */
  text(): string
  readonly rawBytes: Uint8Array
  ack(): void
  /** Restarts the ack wait, because the work is still under way. */
  working(): void
  /** Returns the message to the stream, which delivers it again. */
  handBack(delayMs?: number): void
  discard(reason: string): void
}
