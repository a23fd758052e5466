import { Failure } from '../domain/failure.ts'
import { failureOfRequest } from './faults.ts'
import { messageId, publishSubject, type StreamNames } from './names.ts'
import type { Outgoing, Published, Publisher } from './publication.ts'

export interface GroupCommitPorts {
  readonly names: StreamNames
  readonly isClosed: () => boolean
  /** Publishes one event as a message of its own. */
  readonly publishSingle: (outgoing: Outgoing) => Promise<Published>
  /** Publishes two or more events together. Resolves to the sequence of the last one, or to null when the server refused all of them. */
  readonly publishBatch: (outgoing: readonly Outgoing[]) => Promise<number | null>
}

interface Waiting extends Outgoing {
  readonly resolve: (published: Published) => void
  readonly reject: (failure: Failure) => void
}

/** The server accepts 1,000 messages in an atomic batch and 50 open batches (2.15); both limits here stay well below. */
const batchLimit = 256
/** While the disk flushes one batch, the network fills the other. */
const batchesInFlight = 2
/** With more than this in the queue, a caller is better served by an immediate 503 than by a long wait. */
const waitingLimit = 10_000

/**
 * Publishes by group commit: events that arrive while batches are under way form the next atomic batch, so that many callers share one
 * flush to disk (docs/decisions/0004). A lone event is published at once as a plain message. The server refuses a whole batch that holds
 * an id it knows; its events are then published one by one.
 *
 * Where the server does not flush before it answers, callers share nothing, and a batch costs the server twice as much as plain messages:
 * without `groupCommit` each event is a message of its own, and the events of one turn of the event loop share one write to the socket.
 */
export const createGroupCommit = (
  { names, isClosed, publishSingle, publishBatch }: GroupCommitPorts,
  groupCommit: boolean,
): Publisher => {
  let waiting: Waiting[] = []
  let batches = 0
  let singles = 0

  const single = async (entry: Waiting) => {
    try {
      entry.resolve(await publishSingle(entry))
    } catch (error) {
      entry.reject(failureOfRequest(error))
    }
  }

  const batch = async (entries: readonly Waiting[]) => {
    try {
      const last = await publishBatch(entries)
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
    while (waiting.length > 0 && batches < batchesInFlight) {
      const { taken, left } = takeDistinct(waiting, batchLimit)
      waiting = left
      batches += 1
      const [only] = taken
      const work = taken.length === 1 && only !== undefined ? single(only) : batch(taken)
      void work.finally(() => {
        batches -= 1
        commit()
      })
    }
  }

  const publishEach = () => {
    singles += waiting.length
    for (const entry of waiting) void single(entry).finally(() => (singles -= 1))
    waiting = []
  }

  let scheduled = false
  const flush = () => {
    scheduled = false
    if (groupCommit) commit()
    else publishEach()
  }
  return {
    publish: publication => {
      if (isClosed() || waiting.length + singles >= waitingLimit)
        return Promise.reject(
          new Failure(
            'streams_unavailable',
            'The event store cannot accept more events right now. Retry the request.',
            {
              retryAfterS: 2,
            },
          ),
        )
      return new Promise((resolve, reject) => {
        const subject = publishSubject(names, publication.tenant, publication.type)
        waiting.push({ subject, id: messageId(publication.tenant, publication.id), publication, resolve, reject })
        if (scheduled) return
        scheduled = true
        // `setImmediate` runs after all requests that the event loop read from sockets in this turn: they leave together.
        setImmediate(flush)
      })
    },
  }
}

/** Takes the first event of each id, up to the limit: the server refuses a batch that holds an id twice. */
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
