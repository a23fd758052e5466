import { headers, type MsgHdrs, type NatsConnection, nuid } from 'nats'
import { Failure } from '../domain/failure.ts'
import { failureOfAck, failureOfRequest } from './faults.ts'
import { headerNames, messageId, publishSubject, type StreamNames } from './names.ts'
import { createRequests, type Requests } from './requests.ts'

/** One event on its way into the stream. */
export interface Publication {
  readonly tenant: string
  readonly type: string
  readonly id: string
  /** JSON of the event. */
  readonly body: string
  readonly traceparent: string | null
}

export interface Published {
  readonly sequence: number
  /** True when the stream has had this id within its duplicate window. */
  readonly duplicate: boolean
}

export interface Publisher {
  /** Resolves when the stream has acknowledged. Throws Failure `streams_unavailable` or `stream_full`. */
  publish(publication: Publication): Promise<Published>
}

interface Waiting {
  readonly subject: string
  readonly id: string
  readonly publication: Publication
  readonly resolve: (published: Published) => void
  readonly reject: (failure: Failure) => void
}

/** What the server takes in one atomic batch, and how many batches may be open (2.15: 1,000 and 50): well below both. */
const batchLimit = 256
/** Two, so that one is filled by the network while the other is flushed by the disk. */
const batchesInFlight = 2
/** Beyond this a caller is better told to come again than kept waiting. */
const waitingLimit = 10_000
const ackTimeoutMs = 5_000

/**
 * Publishes by group commit: what arrives while batches are under way forms the next atomic batch, so that many callers share one
 * flush to the disk (docs/decisions/0004). A lone event is published at once, plainly. A batch that holds an id which the stream
 * knows is refused whole by the server; its events are then published one by one.
 *
 * Where the server does not flush before it answers there is nothing to share, and a batch costs it twice as much as plain messages:
 * without `groupCommit` each event is published by itself, those of one turn of the loop in one write to the socket.
 */
export const createPublisher = (connection: NatsConnection, names: StreamNames, groupCommit: boolean): Publisher => {
  let waiting: Waiting[] = []
  let inFlight = 0
  let alone = 0

  const requests = createRequests(connection, ackTimeoutMs)

  const single = async (entry: Waiting) => {
    try {
      entry.resolve(await publishOne(requests, entry))
    } catch (error) {
      entry.reject(failureOfRequest(error))
    }
  }

  const batch = async (entries: readonly Waiting[]) => {
    try {
      const last = await publishBatch(connection, requests, entries)
      if (last === null) return void (await Promise.all(entries.map(single)))
      entries.forEach((entry, index) =>
        entry.resolve({ sequence: last - entries.length + 1 + index, duplicate: false }),
      )
    } catch (error) {
      const failure = failureOfRequest(error)
      entries.forEach(entry => entry.reject(failure))
    }
    return undefined
  }

  const commit = () => {
    while (waiting.length > 0 && inFlight < batchesInFlight) {
      const { taken, left } = takeDistinct(waiting, batchLimit)
      waiting = left
      inFlight += 1
      const [only] = taken
      const work = taken.length === 1 && only !== undefined ? single(only) : batch(taken)
      void work.finally(() => {
        inFlight -= 1
        commit()
      })
    }
  }

  const publishEach = () => {
    alone += waiting.length
    for (const entry of waiting) void single(entry).finally(() => (alone -= 1))
    waiting = []
  }

  let scheduled = false
  const next = () => {
    scheduled = false
    if (groupCommit) commit()
    else publishEach()
  }
  return {
    publish: publication => {
      if (connection.isClosed() || waiting.length + alone >= waitingLimit)
        return Promise.reject(
          new Failure('streams_unavailable', 'The event store takes no more events just now. Send the event again.', {
            retryAfterS: 2,
          }),
        )
      return new Promise((resolve, reject) => {
        const subject = publishSubject(names, publication.tenant, publication.type)
        waiting.push({ subject, id: messageId(publication.tenant, publication.id), publication, resolve, reject })
        if (scheduled) return
        scheduled = true
        // After the requests that were read from the same sockets in this turn of the loop: they leave together.
        setImmediate(next)
      })
    },
  }
}

/** The first of each id, up to the limit: the server refuses a batch that holds an id twice. */
const takeDistinct = (waiting: readonly Waiting[], limit: number): { taken: Waiting[]; left: Waiting[] } => {
  const taken: Waiting[] = []
  const left: Waiting[] = []
  const ids = new Set<string>()
  for (const entry of waiting) {
    if (taken.length < limit && !ids.has(entry.id)) {
      ids.add(entry.id)
      taken.push(entry)
    } else left.push(entry)
  }
  return { taken, left }
}

const messageHeaders = ({ id, publication }: Waiting): MsgHdrs => {
  const all = headers()
  all.set(headerNames.messageId, id)
  if (publication.traceparent !== null) all.set(headerNames.traceparent, publication.traceparent)
  return all
}

interface Ack {
  readonly seq: number
  readonly duplicate?: boolean
}

const publishOne = async (requests: Requests, entry: Waiting): Promise<Published> => {
  const answer = await requests.ask(entry.subject, entry.publication.body, messageHeaders(entry))
  const ack = answer.json<Ack & { error?: { err_code: number; description: string } }>()
  if (ack.error !== undefined) throw failureOfAck(ack.error)
  return { sequence: ack.seq, duplicate: ack.duplicate === true }
}

/** The stream sequence of the batch's last event, or null when the server refused the batch. ADR-50 of the NATS architecture. */
const publishBatch = async (
  connection: NatsConnection,
  requests: Requests,
  entries: readonly Waiting[],
): Promise<number | null> => {
  const batchId = nuid.next()
  const lastIndex = entries.length - 1
  let committed
  for (const [index, entry] of entries.entries()) {
    const all = messageHeaders(entry)
    all.set(headerNames.batchId, batchId)
    all.set(headerNames.batchSequence, String(index + 1))
    if (index < lastIndex) connection.publish(entry.subject, entry.publication.body, { headers: all })
    else {
      all.set(headerNames.batchCommit, '1')
      committed = requests.ask(entry.subject, entry.publication.body, all)
    }
  }
  const answer = await committed
  const ack = answer?.json<Ack & { count?: number; error?: unknown }>()
  return ack === undefined || ack.error !== undefined || ack.count !== entries.length ? null : ack.seq
}
