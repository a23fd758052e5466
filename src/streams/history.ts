import { JetStreamError } from '@nats-io/jetstream'
import type { StreamAccess } from './access.ts'
import { readSubject, tenantFilter } from './names.ts'

export interface HistoryQuery {
  readonly tenant: string
  /** Only this event type. */
  readonly type?: string
  /** Starts with the first message that was stored at or after this moment, ms… */
  readonly from: number
  /** …or after this sequence, where the previous page ended. */
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

/** Returns a page of a tenant's messages, oldest first; an empty page is the end. Throws Failure `streams_unavailable`. */
export const readHistory = (
  { manager, names, answered }: StreamAccess,
  { tenant, type, from, after, limit }: HistoryQuery,
): Promise<StoredMessage[]> =>
  answered(async () => {
    const found: StoredMessage[] = []
    const start = after === null ? { start_time: new Date(from) } : { seq: after + 1 }
    const next_by_subj = tenantFilter(names, tenant, type)
    try {
      for await (const message of await manager.direct.getBatch(names.stream, { ...start, next_by_subj, batch: limit }))
        found.push({
          sequence: message.seq,
          at: message.time.getTime(),
          type: readSubject(message.subject).type,
          text: message.string(),
        })
    } catch (error) {
      if (!isEnd(error)) throw error
    }
    return found
  })

/** The server's answer where no later message matches. */
const isEnd = (error: unknown): boolean =>
  error instanceof JetStreamError && (error as JetStreamError & { readonly code?: number }).code === 404
