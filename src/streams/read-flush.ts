import type { ServerFlush } from './flush.ts'

const answerWithinMs = 2_000

/** Reads from a nats-server's monitoring address (`/varz`) when it flushes. Null: it does not answer, or runs no JetStream. */
export const readFlush = async (monitorUrl: string): Promise<ServerFlush> => {
  try {
    const answer = await fetch(new URL('/varz', monitorUrl), { signal: AbortSignal.timeout(answerWithinMs) })
    const { jetstream } = (await answer.json()) as { readonly jetstream?: { readonly config?: FlushConfig } }
    return flushOf(jetstream?.config)
  } catch {
    return null
  }
}

/** Part of nats-server's `JetStreamConfig`; the interval is in nanoseconds. */
interface FlushConfig {
  readonly sync_always?: boolean
  readonly sync_interval?: number
}

const flushOf = (config: FlushConfig | undefined): ServerFlush => {
  if (config?.sync_always === true) return 'always'
  return typeof config?.sync_interval === 'number' ? config.sync_interval / 1_000_000 : null
}
