import type { ModelPorts } from '../ports.ts'
import type { Log, Stored } from './log.ts'

/** A message on its way to a reader. */
export interface Granted {
  readonly message: Stored
  /** How often it was delivered, this time included. */
  readonly deliveries: number
  /** True when no later message of the partition is in the stream. */
  readonly isLast: boolean
}

/** A request for messages. It belongs to a connection, and waits at the server as long as that seems to be there. */
export interface Pull {
  left: number
  readonly expiresAt: number
  readonly deliver: (granted: Granted) => void
  /** The consumer was deleted. */
  readonly onGone: () => void
}

export interface ConsumerInfo {
  /** A reader of an earlier consumer may have messages up to this one. */
  readonly inHandTo: number
  readonly deliveredTo: number
  readonly ackFloor: number
  readonly pending: number
  readonly ackPending: number
  readonly redelivered: number
}

/** A durable pull consumer with explicit acknowledgements, as nats-server keeps it. */
export interface Consumer {
  info(): ConsumerInfo
  pull(pull: Pull): void
  /** The connection of a pull has closed. */
  cancel(pull: Pull): void
  ack(sequence: number): void
  nak(sequence: number, delayMs?: number): void
  working(sequence: number): void
  /** Delivers everything again that is not acknowledged. Requests that wait go on to wait. */
  reset(): void
  delete(): void
  /** New messages may be there. */
  look(): void
  /** The sequences of the messages that are not acknowledged, whether a reader has them or not. */
  unacknowledged(): number[]
}

interface Pending {
  readonly message: Stored
  deliveries: number
  /** Ends the ack wait, or the delay of a nak. */
  cancel: () => void
}

interface Options {
  readonly partition: number
  readonly ackWaitMs: number
  /** Most unacknowledged messages. */
  readonly window: number
  /** It begins behind this message. */
  readonly after: number
  readonly inHandTo: number
  readonly onAcknowledged: (sequence: number) => void
}

export const createConsumer = (
  { now, after }: ModelPorts,
  log: Log,
  { partition, ackWaitMs, window, after: since, inHandTo, onAcknowledged }: Options,
): Consumer => {
  let waiting: Pull[] = []
  const pending = new Map<number, Pending>()
  /** Messages to deliver again, in the order in which they became due. */
  let again: number[] = []
  let deliveredTo = since
  let ackFloor = since
  let isDeleted = false

  const settleFloor = () => {
    let floor = deliveredTo
    for (const sequence of pending.keys()) if (sequence <= floor) floor = sequence - 1
    ackFloor = Math.max(ackFloor, floor)
  }
  const awaitAck = (entry: Pending, forMs: number) => {
    entry.cancel()
    const { sequence } = entry.message
    entry.cancel = after(forMs, () => {
      again.push(sequence)
      look()
    })
  }
  const nextPull = (): Pull | undefined => {
    waiting = waiting.filter(({ expiresAt, left }) => left > 0 && expiresAt > now())
    return waiting[0]
  }
  /** A request that got a message waits behind the others. */
  const grant = (pull: Pull, entry: Pending) => {
    pull.left -= 1
    waiting = [...waiting.filter(each => each !== pull), pull]
    entry.deliveries += 1
    awaitAck(entry, ackWaitMs)
    pull.deliver({ message: entry.message, deliveries: entry.deliveries, isLast: next() === undefined })
  }
  /** The first message that no reader has got yet. */
  const next = (): Stored | undefined => log.after(partition, deliveredTo)[Symbol.iterator]().next().value
  const countPending = () => {
    let count = 0
    for (const _ of log.after(partition, deliveredTo)) count += 1
    return count
  }

  const look = (): void => {
    if (isDeleted) return
    for (let pull = nextPull(); pull !== undefined; pull = nextPull()) {
      const due = again.shift()
      if (due !== undefined) {
        const entry = pending.get(due)
        if (entry === undefined) continue
        if (entry.message.isGone) end(due)
        else grant(pull, entry)
        continue
      }
      if (pending.size >= window) return
      const message = next()
      if (message === undefined) return
      const entry: Pending = { message, deliveries: 0, cancel: () => undefined }
      pending.set(message.sequence, entry)
      deliveredTo = message.sequence
      grant(pull, entry)
    }
  }
  const end = (sequence: number) => {
    const entry = pending.get(sequence)
    if (entry === undefined) return
    entry.cancel()
    pending.delete(sequence)
    settleFloor()
  }
  const stopTimers = () => {
    for (const entry of pending.values()) entry.cancel()
  }

  return {
    info: () => ({
      inHandTo,
      deliveredTo,
      ackFloor,
      pending: countPending(),
      ackPending: pending.size,
      redelivered: [...pending.values()].filter(({ deliveries }) => deliveries > 1).length,
    }),
    pull: pull => {
      if (isDeleted) return pull.onGone()
      waiting.push(pull)
      return look()
    },
    cancel: pull => void (waiting = waiting.filter(each => each !== pull)),
    ack: sequence => {
      if (pending.has(sequence)) onAcknowledged(sequence)
      end(sequence)
      look()
    },
    nak: (sequence, delayMs = 0) => {
      const entry = pending.get(sequence)
      if (entry === undefined) return
      if (delayMs > 0) return awaitAck(entry, delayMs)
      entry.cancel()
      again.push(sequence)
      return look()
    },
    working: sequence => {
      const entry = pending.get(sequence)
      if (entry !== undefined && !again.includes(sequence)) awaitAck(entry, ackWaitMs)
    },
    reset: () => {
      stopTimers()
      pending.clear()
      again = []
      deliveredTo = ackFloor
      look()
    },
    delete: () => {
      isDeleted = true
      stopTimers()
      for (const pull of waiting) pull.onGone()
      waiting = []
    },
    look,
    unacknowledged: () => [
      ...pending.keys(),
      ...[...log.after(partition, deliveredTo)].map(({ sequence }) => sequence),
    ],
  }
}
