import type { NatsConnection } from 'nats'
import { map, share } from 'rxjs'
import { coreMessages } from './core-messages.ts'
import { signalSubject, type StreamNames } from './names.ts'

/**
 * Wake-up signals between processes: core NATS messages with the id of a subscription, a replay, or a revoked token. A lost signal only
 * delays: workers check for themselves every half minute, and a token is looked up again after seconds.
 */
export const createSignals = (connection: NatsConnection, names: StreamNames) => ({
  wake: (id: string): void => {
    try {
      connection.publish(signalSubject(names, id))
    } catch {
      // The connection is closed: the workers check for themselves.
    }
  },
  /** All subscribers of this process share one subscription of the server. */
  wakes$: coreMessages(connection, signalSubject(names, '*')).pipe(
    map(({ subject }) => subject.split('.').at(-1) ?? ''),
    share(),
  ),
})
