import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream'
import type { ExecutionContext } from 'ava'
import { connect, type Msg } from 'nats'
import { type ConnectOptions, connectStreams } from '../../src/streams/connect.ts'
import type { StreamOptions } from '../../src/streams/stream-config.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess } from '../../tools/clusters/server-process.ts'
import { findNatsServer } from '../../tools/servers/find-nats.ts'
import { freshName, natsUrl } from './servers.ts'
import { until } from './until.ts'

/** What most tests ask of a stream. */
export const streamOptions: StreamOptions = {
  partitions: 1,
  replicas: 1,
  keepMs: 7 * 24 * 60 * 60_000,
  ackWaitMs: 600_000,
  window: 100,
  leaseMs: 6_000,
}

/** A connection of the client to a nats-server, by default the run's, for what Doorbell's own does not show. */
export const rawConnection = async (t: ExecutionContext, url = natsUrl()) => {
  const connection = await connect({ servers: url.replace('nats://', '') })
  t.teardown(() => connection.close())
  const manager = await jetstreamManager(connection, { checkAPI: false })
  return {
    connection,
    manager,
    /** Returns a function that returns what was published to a subject since, requests to the server itself included. */
    tap: async (subject: string): Promise<() => Promise<readonly Msg[]>> => {
      const heard: Msg[] = []
      connection.subscribe(subject, { callback: (_, message) => void heard.push(message) })
      await connection.flush()
      return async () => {
        await connection.flush()
        return heard
      }
    },
  }
}

/** Names of a stream that no other test uses. */
export const freshNames = () => {
  const name = freshName('visits')
  return { stream: name, root: name }
}

/** Connects as a process of Doorbell does. `lines` are what it logs. */
export const connectProcess = async (t: ExecutionContext, options: Partial<ConnectOptions> = {}) => {
  const lines: (readonly [level: string, fields: object, text: string | undefined])[] = []
  const log = {
    info: (fields: object, text?: string) => void lines.push(['info', fields, text]),
    warn: (fields: object, text?: string) => void lines.push(['warn', fields, text]),
  }
  const streams = await connectStreams({ url: natsUrl(), log, names: freshNames(), ...options })
  t.teardown(streams.close)
  return { streams, lines }
}

/** A stream of this test's own. */
export const startStream = async (t: ExecutionContext, options: Partial<StreamOptions> = {}) => {
  const names = freshNames()
  const [{ streams, lines }, raw] = await Promise.all([connectProcess(t, { names }), rawConnection(t)])
  await streams.ensure({ ...streamOptions, ...options })
  const stream = names.stream
  return {
    ...raw,
    streams,
    lines,
    names,
    stream,
    /** Waits until a partition's consumer is as wanted: the server processes acknowledgements after it received them. */
    consumerWhen: (wanted: (info: ConsumerInfo) => boolean, partition = 0) =>
      until(() => raw.manager.consumers.info(stream, `partition-${partition}`), wanted),
  }
}

/** An event on its way into the stream. */
export const publication = (id: string, tenant = 'acme', type = 'visit.created') => ({
  tenant,
  type,
  id,
  body: JSON.stringify({ id }),
  traceparent: null,
})

/** A nats-server of this test's own, which it may kill. `args` are flags of the server, e.g. `-js`. */
export const startNatsServer = async (t: ExecutionContext, args: readonly string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-nats-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const [port, monitor] = [await freePort(0), await freePort(0)]
  const binary = await findNatsServer(line => t.log(line))
  const listen = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitor), '-sd', folder]
  const isReady = async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok
  const server = createServerProcess({ name: 'nats', binary, folder, args: [...listen, ...args], isReady })
  t.teardown(() => server.kill())
  await server.start()
  return { port, url: `nats://127.0.0.1:${port}`, monitorUrl: `http://127.0.0.1:${monitor}`, ...server }
}
