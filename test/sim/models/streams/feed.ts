import { Observable } from 'rxjs'
import { Failure } from '../../../../src/domain/failure.ts'
import type { VisitMessage } from '../../../../src/domain/visit-message.ts'
import type { Feed } from '../../../../src/streams/feed.ts'
import type { Connection } from './connection.ts'
import type { Consumer, Granted, Pull } from './consumer.ts'
import type { ServerConnection, StreamServer } from './server.ts'

/** The client asks for messages for so long, and then again. */
const pullMs = 30_000

interface FeedOptions {
  readonly partition: number
  readonly window: number
  readonly onWait?: ((error: unknown, delayMs: number) => void) | undefined
  readonly doubt: () => void
}

const firstWaitMs = 100
const longestWaitMs = 2_000

/** Reads a partition as src/streams/feed.ts does: it waits while its consumer is missing, or no server answers. */
export const createFeed = (connection: Connection, options: FeedOptions): Feed => {
  const { partition, window, onWait = () => undefined, doubt } = options
  let isStopped = false
  let consuming: Consuming | null = null
  let wake = () => undefined as void
  const nothingInHand = Promise.withResolvers<void>()
  let begun: Promise<void> = Promise.resolve()

  const begin = async (next: (message: VisitMessage) => void): Promise<void> => {
    const info = await connection.request(server => consumerOf(server, partition).info())
    const inHand = Math.max(info.deliveredTo, info.inHandTo)
    if (isStopped) return
    await connection.request(server => consumerOf(server, partition).reset())
    if (inHand <= info.ackFloor || info.pending + info.ackPending === 0) nothingInHand.resolve()
    if (isStopped) return
    consuming = consume(connection, partition, window, granted =>
      next(asVisitMessage(connection, partition, granted, inHand)),
    )
  }
  const pause = (ms: number) =>
    new Promise<void>(resolve => {
      const cancel = connection.after(ms, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
  const read = async (next: (message: VisitMessage) => void, hasLeft: () => boolean): Promise<void> => {
    for (let waitMs = firstWaitMs; !isStopped && !hasLeft();) {
      try {
        begun = begin(next)
        await begun
        waitMs = firstWaitMs
        if (isStopped || hasLeft()) consuming?.stop()
        if ((await consuming?.ended) !== 'gone') return
        doubt()
      } catch (error) {
        if (connection.isClosed) throw error
        if (isStopped || hasLeft()) return
        doubt()
        onWait(error, waitMs)
      }
      await pause(waitMs)
      waitMs = Math.min(waitMs * 2, longestWaitMs)
    }
  }
  const messages$ = new Observable<VisitMessage>(subscriber => {
    let hasLeft = false
    read(
      message => subscriber.next(message),
      () => hasLeft,
    ).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    )
    return () => {
      hasLeft = true
      wake()
      consuming?.stop()
    }
  })
  return {
    messages$,
    nothingInHand: nothingInHand.promise,
    stop: async () => {
      isStopped = true
      wake()
      await begun.catch(() => undefined)
      consuming?.stop()
    },
  }
}

const consumerOf = ({ stream }: StreamServer, partition: number): Consumer => {
  const consumer = stream?.consumers.get(partition)
  if (consumer === undefined) throw new Error('consumer not found')
  return consumer
}

interface Consuming {
  stop(): void
  /** `gone`: the consumer was deleted. */
  readonly ended: Promise<'stopped' | 'gone'>
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
): Consuming => {
  const { promise: ended, resolve: end } = Promise.withResolvers<'stopped' | 'gone'>()
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
        onGone: () => at.wire.toClient(() => leave('gone')),
      }
      const cancel = () => server.stream?.consumers.get(partition)?.cancel(pull)
      at.ends.add(cancel)
      server.ports.after(pullMs, () => {
        at.ends.delete(cancel)
        cancel()
      })
      pulls = [...pulls.filter(each => each.pull.left > 0 && each.pull.expiresAt > server.ports.now()), { at, pull }]
      const consumer = server.stream?.consumers.get(partition)
      if (consumer === undefined) pull.onGone()
      else consumer.pull(pull)
    })
  }
  const again = () => {
    if (connection.isClosed) return leave('stopped')
    wanted = 0
    cancelNext()
    ask(window)
    cancelNext = afterPull()
  }
  const afterPull = () => connection.after(pullMs, again)
  const returns = connection.returns$.subscribe(again)
  again()
  const leave = (how: 'stopped' | 'gone') => {
    if (isStopped) return
    isStopped = true
    returns.unsubscribe()
    cancelNext()
    end(how)
  }
  return {
    ended,
    stop: () => {
      leave('stopped')
      // The client ends its subscription, which the server notices. A request that is still on its way arrives before this, and ends as well.
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
