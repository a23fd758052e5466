import { jetstreamManager } from '@nats-io/jetstream'
import { nanos, type NatsConnection } from 'nats'
import { failureOfRequest } from './faults.ts'
import { readHistory } from './history.ts'
import { readMapping } from './mapping.ts'
import { consumerName, type StreamNames, tenantFilter } from './names.ts'

/** The stream drops what is older than any tenant wants it; a shorter wish of one tenant is met by a purge of its subjects. */
export const createStreamRetention = (connection: NatsConnection, names: StreamNames) => {
  const manager = () => jetstreamManager(connection, { checkAPI: false })
  const answered = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw failureOfRequest(error)
    }
  }
  const purge = async (tenant: string, partition: number, before: number): Promise<number> => {
    const page = { tenant, after: null, limit: 1 }
    const [first] = await readHistory(connection, names, { ...page, from: 0 })
    if (first === undefined || first.at >= before) return 0
    const { streams, consumers } = await manager()
    // In this order: what comes after the stream was looked at is behind `last_seq`.
    const { state, config } = await streams.info(names.stream)
    const [kept] = await readHistory(connection, names, { ...page, from: before })
    const { ack_floor } = await consumers.info(names.stream, consumerName(partition))
    // What the partition has not worked on is in no row yet: it stays. What was stored under another number of partitions was worked on.
    const workedOn = Math.max(ack_floor.stream_seq, readMapping(names, config).since)
    const seq = Math.min(kept?.sequence ?? state.last_seq + 1, workedOn + 1)
    return (await streams.purge(names.stream, { filter: tenantFilter(names, tenant), seq })).purged
  }
  const keepFor = async (forMs: number): Promise<void> => {
    const { streams } = await manager()
    const { config } = await streams.info(names.stream)
    if (config.max_age < nanos(forMs)) await streams.update(names.stream, { max_age: nanos(forMs) })
  }
  return {
    /** Removes a tenant's messages that were accepted before this moment and worked on; answers with how many. */
    purgeBefore: (tenant: string, partition: number, before: number): Promise<number> =>
      answered(purge(tenant, partition, before)),
    /** Makes sure that the stream itself keeps messages at least so long. */
    keepFor: (forMs: number): Promise<void> => answered(keepFor(forMs)),
  }
}
