import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import type { StreamNames } from './names.ts'

/** The connection to NATS that all parts of this folder share. */
export interface StreamAccess {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly names: StreamNames
  /** Runs requests. Throws Failure `streams_unavailable` when the connection is down or the server does not answer. */
  readonly answered: <T>(requests: () => Promise<T>) => Promise<T>
  /** Reports that something may be missing on the server. */
  readonly doubt: () => void
}
