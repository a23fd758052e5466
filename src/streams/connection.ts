import { connect, type NatsConnection } from 'nats'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import { readServers } from './servers.ts'
import { failureOfStart } from './start-faults.ts'

/** The client reconnects for ever, and notices within 15 s that a server hangs. */
export const connectionOptions = {
  name: 'doorbell',
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  pingInterval: 5_000,
  maxPingOut: 2,
  // A server that is started again may not know its users at once.
  ignoreAuthErrorAbort: true,
  // Otherwise the client captures a stack for each request, in case it fails; that costs more than the request.
  noAsyncTraces: true,
} as const

/** Connects, or throws a Failure with what an operator does about it. */
export const connectTo = async (url: string): Promise<NatsConnection> => {
  const servers = readServers(url)
  try {
    return await connect({ ...connectionOptions, ...servers })
  } catch (error) {
    const refused = failureOfStart(error)
    if (refused !== error) throw refused
    const remedy = 'NATS cannot be reached: check that nats-server runs and that NATS_URL names it.'
    throw new Failure('streams_unavailable', remedy, { cause: error })
  }
}

/** What a request gets while the connection is down. */
export const away = () =>
  new Failure('streams_unavailable', 'The event store cannot be reached. Retry the request.', {
    retryAfterS: 2,
    internal: 'the connection to NATS is down: check that nats-server runs',
  })

/** Logs each loss of the connection and its return, when the server may have lost what it had. The result says whether the connection is up. */
export const watchConnection = (
  connection: NatsConnection,
  log: Pick<Log, 'info' | 'warn'>,
  { onReturn, onError }: { readonly onReturn: () => void; readonly onError: (error: unknown) => void },
): (() => boolean) => {
  let isUp = true
  const follow = async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        isUp = false
        const remedy = 'check that nats-server runs; Doorbell reconnects by itself'
        log.warn({ server: status.server, remedy }, 'connection to NATS lost')
      } else if (status.type === 'reconnect') {
        isUp = true
        log.info({ server: status.server }, 'connected to NATS again')
        onReturn()
      } else if (status.type === 'error') onError(status.error)
    }
  }
  void follow()
  return () => isUp
}
