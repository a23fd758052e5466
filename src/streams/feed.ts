import { type ConsumerMessages, jetstream, type JsMsg } from '@nats-io/jetstream'
import { Observable } from 'rxjs'
import { Failure } from '../domain/failure.ts'
import type { VisitMessage } from '../domain/visit-message.ts'
import type { StreamAccess } from './access.ts'
import { consumerName, headerNames, readSubject } from './names.ts'

export interface Feed {
  /** Completes after `stop`. Survives reconnects and restarts of the server. */
  readonly messages$: Observable<VisitMessage>
  /** Resolves at the start if the previous reader had nothing in hand. */
  readonly nothingInHand: Promise<void>
  /** Stops pulling; messages that were received can still be ended. */
  stop(): Promise<void>
}

/** Reads the messages of one partition as they arrive, at most `window` of them unacknowledged (the consumer's `max_ack_pending`). */
export const createFeed = ({ connection, manager, names }: StreamAccess, partition: number, window: number): Feed => {
  const name = consumerName(partition)
  let consuming: ConsumerMessages | undefined
  let stopped = false
  const nothingInHand = Promise.withResolvers<void>()
  let begun: Promise<void> = Promise.resolve()
  const begin = async (next: (message: VisitMessage) => void): Promise<void> => {
    const { delivered, ack_floor } = await manager.consumers.info(names.stream, name)
    // A supervisor may restart a feed that was stopped before it began. Another owner may be reading by now, and a reset would disturb it.
    if (stopped) return
    // The owner starts behind the acknowledged messages: what a killed process had in hand comes again now, not after the ack wait.
    await manager.consumers.reset(names.stream, name)
    if (delivered.stream_seq <= ack_floor.stream_seq) nothingInHand.resolve()
    const consumer = await jetstream(connection).consumers.get(names.stream, name)
    if (stopped) return
    consuming = await consumer.consume({
      max_messages: window,
      callback: message => next(asVisitMessage(message, delivered.stream_seq)),
    })
  }
  // An Observable of its own: `from(consumer)` would read the client's async iterator, which costs a promise for each message.
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
      // The caller may close the connection next, so a feed that is still starting must finish first.
      await begun.catch(() => undefined)
      consuming?.stop()
      await consuming?.closed()
    },
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

const asVisitMessage = (message: JsMsg, inHandTo: number): VisitMessage => {
  const { partition, tenant, type } = readSubject(message.subject)
  return {
    partition,
    tenant,
    type,
    sequence: message.seq,
    at: Math.floor(message.info.timestampNanos / 1_000_000),
    // With nothing pending, the messages in between are no longer in the stream.
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
