import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { failureOfRequest } from './faults.ts'
import { readSubject, type StreamNames, tenantFilter } from './names.ts'

export interface HistoryQuery {
  readonly tenant: string
  /** Of this event type alone. */
  readonly type?: string
  /** The first message stored at or after this moment, ms… */
  readonly from: number
  /** …and after this sequence, when a page before ended there. */
  readonly after: number | null
  readonly limit: number
}

export interface StoredMessage {
  readonly sequence: number
  /** When the stream stored it, ms. */
  readonly at: number
  readonly type: string
  readonly text: string
}

/** A page of a tenant's messages, the oldest first; empty at the end. */
export const readHistory = async (
  connection: NatsConnection,
  names: StreamNames,
  { tenant, type, from, after, limit }: HistoryQuery,
): Promise<StoredMessage[]> => {
  const found: StoredMessage[] = []
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false })
    const begin = after === null ? { start_time: new Date(from) } : { seq: after + 1 }
    const messages = await manager.direct.getBatch(names.stream, {
      ...begin,
      next_by_subj: tenantFilter(names, tenant, type),
      batch: limit,
    })
    for await (const message of messages)
      found.push({
        sequence: message.seq,
        at: message.time.getTime(),
        type: readSubject(message.subject).type,
        text: message.string(),
      })
    return found
  } catch (error) {
    if (/no results|404|not found/i.test(String(error))) return found
    throw failureOfRequest(error)
  }
}
