import { type ConsumerMessages, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { Observable } from 'rxjs'
import { Failure } from '../domain/failure.ts'
import { consumerName, headerNames, readSubject, type StreamNames } from './names.ts'

/** One message of a partition. Exactly one of `ack`, `handBack` and `discard` ends it. */
export interface VisitMessage {
  readonly partition: number
  readonly tenant: string
  readonly type: string
  readonly sequence: number
  /** When the stream accepted it, ms. */
  readonly at: number
  /** True when, with this message, everything has come that the last reader had in hand. */
  readonly caughtUp: boolean
  /** How often it was delivered before. */
  readonly redeliveries: number
  readonly traceparent: string | null
  /** The body as text; throws Failure `not_utf8`. */
  text(): string
  readonly rawBytes: Uint8Array
  ack(): void
  working(): void
  handBack(delayMs?: number): void
  discard(reason: string): void
}

export interface Feed {
  /** Completes after `stop`. Survives reconnects and restarts of the server. */
  readonly messages$: Observable<VisitMessage>
  /** Resolves at the start if the last reader had nothing in hand. */
  readonly nothingInHand: Promise<void>
  /** Stops pulling; messages that were received can still be ended. */
  stop(): Promise<void>
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The messages of one partition as they come, at most `window` unacknowledged (the consumer's `max_ack_pending`). */
export const createFeed = (connection: NatsConnection, names: StreamNames, partition: number, window: number): Feed => {
  let consuming: ConsumerMessages | undefined
  let stopped = false
  const nothingInHand = Promise.withResolvers<void>()
  let begun: Promise<void> = Promise.resolve()
  const begin = async (next: (message: VisitMessage) => void): Promise<void> => {
    // Its one owner begins behind what was acknowledged: what a killed process had in hand comes again now, not after the ack wait.
    const manager = await jetstreamManager(connection)
    // Given up before it began, or begun again by a restart after that: another owner may be reading by now.
    if (stopped) return
    const { delivered, ack_floor } = await manager.consumers.info(names.stream, consumerName(partition))
    await manager.consumers.reset(names.stream, consumerName(partition))
    if (delivered.stream_seq <= ack_floor.stream_seq) nothingInHand.resolve()
    const consumer = await jetstream(connection).consumers.get(names.stream, consumerName(partition))
    if (stopped) return
    consuming = await consumer.consume({
      max_messages: window,
      callback: message => next(asVisitMessage(message, delivered.stream_seq)),
    })
  }
  const messages$ = new Observable<VisitMessage>(subscriber => {
    const consume = async () => {
      begun = begin(message => subscriber.next(message))
      await begun
      if (stopped) consuming?.stop()
      const ended = await consuming?.closed()
      if (ended instanceof Error) throw ended
    }
    consume().then(
      () => subscriber.complete(),
      error => subscriber.error(error),
    )
    return () => consuming?.stop()
  })
  return {
    messages$,
    nothingInHand: nothingInHand.promise,
    stop: async () => {
      stopped = true
      // One that is just beginning must not begin on a connection that its caller closes next.
      await begun.catch(() => undefined)
      consuming?.stop()
      await consuming?.closed()
    },
  }
}

const asVisitMessage = (message: JsMsg, inHandTo: number): VisitMessage => {
  const { partition, tenant, type } = readSubject(message.subject)
  return {
    partition,
    tenant,
    type,
    sequence: message.seq,
    at: Math.floor(message.info.timestampNanos / 1_000_000),
    // Nothing more waits: those in between are no longer in the stream.
    caughtUp: message.seq >= inHandTo || message.info.pending === 0,
    redeliveries: message.info.deliveryCount - 1,
    traceparent: message.headers?.get(headerNames.traceparent) || null,
    text: () => {
      try {
        return decoder.decode(message.data)
      } catch (error) {
        throw new Failure('not_utf8', 'The message is not UTF-8 text.', { cause: error })
      }
    },
    rawBytes: message.data,
    ack: () => message.ack(),
    working: () => message.working(),
    handBack: delayMs => message.nak(delayMs),
    discard: reason => message.term(reason),
  }
}
