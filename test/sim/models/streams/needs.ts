import type { Difference, Requirement } from '../../../../src/domain/requirement.ts'
import { reopenedKey } from '../../../../src/streams/bucket.ts'
import { inGroups } from '../../../../src/streams/needs/by-partition.ts'
import { restored } from '../../../../src/streams/needs/deviation.ts'
import { continueAfter, noProgress } from '../../../../src/streams/needs/progress.ts'
import type { StreamOptions } from '../../../../src/streams/stream-config.ts'
import type { Connection } from './connection.ts'

/** What src/streams needs of NATS, as far as the model can lose it: the bucket, the stream and its consumers. */
export const requirementsOf = (connection: Connection, options: StreamOptions): readonly Requirement[] => [
  { name: 'leases', check: () => restoreBucket(connection, options) },
  { name: 'stream', check: () => restoreStream(connection, options) },
  { name: 'consumers', check: () => restoreConsumers(connection, options) },
]

/** Creates the bucket. One that was lost is closed for leases until its previous owners have noticed. */
const restoreBucket = (connection: Connection, { leaseMs }: StreamOptions): Promise<Difference[]> =>
  connection.request(server => {
    if (server.bucket !== null) return []
    server.openBucket(leaseMs).put(reopenedKey, '')
    server.broadcast('fleet', '')
    return [missing('bucket of the fleet', 'Each partition has an owner.')]
  })

/** Creates the stream. The numbers of one that was lost continue. */
export const restoreStream = async (connection: Connection, options: StreamOptions): Promise<Difference[]> => {
  if (await connection.request(({ stream }) => stream !== null)) return []
  const { highest } = await progressOf(options)
  const isNew = await connection.request(server => {
    if (server.stream !== null) return false
    server.createStream(options, highest === null ? 1 : continueAfter(highest, server.ports.now()))
    return true
  })
  return isNew && highest !== null ? [missing('stream', 'Events are accepted and delivered.')] : []
}

/** Creates the consumers that are missing, behind what was processed. */
export const restoreConsumers = async (connection: Connection, options: StreamOptions): Promise<Difference[]> => {
  const lost = await connection.request(({ stream }) =>
    Array.from({ length: options.partitions }, (_, partition) => partition).filter(
      partition => stream !== null && !stream.consumers.has(partition),
    ),
  )
  if (lost.length === 0) return []
  const { processed, highest } = await progressOf(options)
  const created = await connection.request(({ stream }) =>
    lost.filter(partition => {
      const after = processed.get(partition)
      return stream?.createConsumer(partition, {
        after: after ?? 0,
        inHandTo: after === undefined ? 0 : stream.log.lastSequence,
      })
    }),
  )
  const difference = missing('', 'Every event reaches the worker of its partition.')
  return highest === null
    ? []
    : inGroups(
        'the stream',
        created.map(partition => [partition, [difference]]),
      )
}

const progressOf = ({ progress = noProgress }: StreamOptions) => progress.load()

const missing = (object: string, promise: string): Difference =>
  restored(object, { difference: 'is missing', promise }, 'find out who removed it')
