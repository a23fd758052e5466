import { Observable } from 'rxjs'
import { Failure } from '../../../../src/domain/failure.ts'
import type { VisitMessage } from '../../../../src/domain/visit-message.ts'
import type { Feed } from '../../../../src/streams/feed.ts'
import type { Connection } from './connection.ts'
import type { Consumer, Granted, Pull } from './consumer.ts'
import type { ServerConnection, StreamServer } from './server.ts'

/** The client asks for messages for so long, and then again. */
const pullMs = 30_000

/** Reads a partition as src/streams/feed.ts does. */
export const createFeed = (connection: Connection, partition: number, window: number): Feed => {
  let isStopped = false
  let consuming: { stop(): void } | null = null
  const nothingInHand = Promise.withResolvers<void>()
  let begun: Promise<void> = Promise.resolve()

  const begin = async (next: (message: VisitMessage) => void): Promise<void> => {
    const { deliveredTo, ackFloor } = await connection.request(server => consumerOf(server, partition).info())
    if (isStopped) return
    await connection.request(server => consumerOf(server, partition).reset())
    if (deliveredTo <= ackFloor) nothingInHand.resolve()
    if (isStopped) return
    consuming = consume(connection, partition, window, granted =>
      next(asVisitMessage(connection, partition, granted, deliveredTo)),
    )
  }
  const messages$ = new Observable<VisitMessage>(subscriber => {
    ended = () => subscriber.complete()
    begun = begin(message => subscriber.next(message))
    begun.catch((error: unknown) => subscriber.error(error))
    return () => consuming?.stop()
  })
  let ended = () => undefined as void
  return {
    messages$,
    nothingInHand: nothingInHand.promise,
    stop: async () => {
      isStopped = true
      await begun.catch(() => undefined)
      consuming?.stop()
      ended()
    },
  }
}

const consumerOf = ({ stream }: StreamServer, partition: number): Consumer => {
  const consumer = stream?.consumers.get(partition)
  if (consumer === undefined) throw new Error('consumer not found')
  return consumer
}

/**
 * Keeps requests for `window` messages at the server. They wait there under the connection, as long as the server takes it for open: a process
 * that is silent goes on to be given messages.
 */
const consume = (
  connection: Connection,
  partition: number,
  window: number,
  onMessage: (granted: Granted) => void,
): { stop(): void } => {
  let isStopped = false
  let wanted = 0
  let cancelNext = () => undefined as void
  let pulls: { readonly at: ServerConnection; readonly pull: Pull }[] = []

  const ask = (count: number) => {
    const at = connection.current
    if (at === null || isStopped) return
    wanted += count
    connection.send(server => {
      const pull: Pull = {
        left: count,
        expiresAt: server.ports.now() + pullMs,
        deliver: granted =>
          at.wire.toClient(() => {
            wanted -= 1
            onMessage(granted)
            if (wanted <= window * 0.75) ask(window - wanted)
          }),
        onGone: () => undefined,
      }
      const end = () => server.stream?.consumers.get(partition)?.cancel(pull)
      at.ends.add(end)
      server.ports.after(pullMs, () => {
        at.ends.delete(end)
        end()
      })
      pulls = [...pulls.filter(each => each.pull.left > 0 && each.pull.expiresAt > server.ports.now()), { at, pull }]
      server.stream?.consumers.get(partition)?.pull(pull)
    })
  }
  const again = () => {
    wanted = 0
    cancelNext()
    ask(window)
    cancelNext = afterPull()
  }
  const afterPull = () => connection.after(pullMs, again)
  const returns = connection.returns$.subscribe(again)
  again()
  return {
    stop: () => {
      if (isStopped) return
      isStopped = true
      returns.unsubscribe()
      cancelNext()
      // The client ends its subscription: what the server grants to these requests from then on finds no reader, which it notices.
      // A request that is still on its way arrives before this, and ends as well.
      connection.send(server => pulls.forEach(({ pull }) => server.stream?.consumers.get(partition)?.cancel(pull)))
    },
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

const textOf = (body: string | Uint8Array): string => {
  if (typeof body === 'string') return body
  try {
    return decoder.decode(body)
  } catch (error) {
    throw new Failure('not_utf8', 'The message is not UTF-8 text.', { cause: error })
  }
}

const asVisitMessage = (
  connection: Connection,
  partition: number,
  { message, deliveries, isLast }: Granted,
  inHandTo: number,
): VisitMessage => {
  const { sequence, tenant, type, at, traceparent, body } = message
  const end = (work: (consumer: Consumer) => void) =>
    connection.send(server => {
      const consumer = server.stream?.consumers.get(partition)
      if (consumer !== undefined) work(consumer)
    })
  return {
    partition,
    tenant,
    type,
    sequence,
    at,
    caughtUp: sequence >= inHandTo || isLast,
    redeliveries: deliveries - 1,
    traceparent,
    text: () => textOf(body),
    get rawBytes() {
      return typeof body === 'string' ? encoder.encode(body) : body
    },
    ack: () => end(consumer => consumer.ack(sequence)),
    working: () => end(consumer => consumer.working(sequence)),
    handBack: delayMs => end(consumer => consumer.nak(sequence, delayMs)),
    discard: () => end(consumer => consumer.ack(sequence)),
  }
}
