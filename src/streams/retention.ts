import { nanos } from 'nats'
import type { StreamAccess } from './access.ts'
import { readHistory } from './history.ts'
import { readMapping } from './mapping.ts'
import { controlTypes } from '../domain/control-message.ts'
import { consumerName, tenantFilter } from './names.ts'

/** The stream drops what is older than every tenant's retention. A tenant with a shorter one has its subjects purged. */
export const createStreamRetention = (access: StreamAccess) => {
  const { manager, names, answered } = access
  const purge = async (tenant: string, partition: number, before: number): Promise<number> => {
    const page = { tenant, after: null, limit: 1 }
    const [first] = await readHistory(access, { ...page, from: 0 })
    if (first === undefined || first.at >= before) return 0
    // The stream is read first: a message that arrives later is behind `last_seq`.
    const { state, config } = await manager.streams.info(names.stream)
    const [kept] = await readHistory(access, { ...page, from: before })
    const { ack_floor } = await manager.consumers.info(names.stream, consumerName(partition))
    // A message that is not acknowledged is in no row yet, so it stays. All messages from before the last change of the number of partitions are in rows.
    const workedOn = Math.max(ack_floor.stream_seq, readMapping(names, config).since)
    const seq = Math.min(kept?.sequence ?? state.last_seq + 1, workedOn + 1)
    const purgeOf = async (type?: string) =>
      (await manager.streams.purge(names.stream, { filter: tenantFilter(names, tenant, type), seq })).purged
    // Doorbell's own messages go first, so that only events are counted.
    await purgeOf(controlTypes)
    return purgeOf()
  }
  return {
    /** Removes a tenant's acknowledged messages that were accepted before this moment. Returns the number of events among them. */
    purgeBefore: (tenant: string, partition: number, before: number): Promise<number> =>
      answered(() => purge(tenant, partition, before)),
    /** Raises the stream's own age limit to at least this time. */
    keepFor: (forMs: number): Promise<void> =>
      answered(async () => {
        const { config } = await manager.streams.info(names.stream)
        if (config.max_age < nanos(forMs)) await manager.streams.update(names.stream, { max_age: nanos(forMs) })
      }),
  }
}
