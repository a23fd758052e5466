import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from 'nats'
import { findNatsServer } from '../servers/find-nats.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'

export interface NatsCluster {
  /** The URLs of all nodes, separated by commas. */
  readonly url: string
  readonly nodes: readonly ServerProcess[]
  readonly ports: readonly number[]
  /** The folder of each node's streams. */
  readonly folders: readonly string[]
  /** Finds the node that leads a stream. */
  leaderOf(stream: string): Promise<ServerProcess>
  stop(): Promise<void>
}

export interface NatsOptions {
  readonly size: 1 | 3
  /** One node needs `always`: an acknowledged message is then on disk. In a cluster the majority has it. */
  readonly sync: 'always' | '2m'
  /** Runs the server under another program, for tests. */
  readonly wrap?: (
    binary: string,
    args: readonly string[],
  ) => { readonly binary: string; readonly args: readonly string[] }
}

/** Starts one nats-server, or a cluster of three, with JetStream on free ports of 127.0.0.1. */
export const startNatsCluster = async (folder: string, options: NatsOptions): Promise<NatsCluster> => {
  const cluster = await prepareNatsCluster(folder, options)
  await cluster.start()
  return cluster
}

/** The same, not started yet, so that others can start at the same instant. */
export const prepareNatsCluster = async (
  folder: string,
  { size, sync, wrap }: NatsOptions,
): Promise<NatsCluster & { start(): Promise<void> }> => {
  const binary = await findNatsServer(line => process.stderr.write(`# ${line}\n`))
  const ports: { client: number; monitor: number; route: number }[] = []
  for (let node = 0; node < size; node += 1)
    ports.push({ client: await freePort(0), monitor: await freePort(0), route: await freePort(0) })
  const routes = ports.map(({ route }) => `nats-route://127.0.0.1:${route}`)
  const folders = ports.map((_, node) => join(folder, `nats-${node}`))
  const nodes = await Promise.all(
    ports.map(async ({ client, monitor, route }, node) => {
      const name = `nats-${node}`
      const config = join(folder, `${name}.conf`)
      await mkdir(folders[node] ?? '', { recursive: true })
      const cluster = size === 1 ? {} : { cluster: { name: 'doorbell', listen: `127.0.0.1:${route}`, routes } }
      const jetstream = { store_dir: folders[node], sync_interval: sync }
      const listen = { listen: `127.0.0.1:${client}`, http: `127.0.0.1:${monitor}` }
      await writeFile(
        config,
        JSON.stringify({ server_name: name, pid_file: `${folders[node]}.pid`, ...listen, jetstream, ...cluster }),
      )
      const command = { binary, args: ['--config', config] }
      return createServerProcess({
        name,
        folder,
        ...(wrap === undefined ? command : wrap(command.binary, command.args)),
        isReady: async () => (await fetch(`http://127.0.0.1:${monitor}/healthz`)).ok,
      })
    }),
  )
  const url = ports.map(({ client }) => `nats://127.0.0.1:${client}`).join(',')
  return {
    url,
    nodes,
    ports: ports.map(({ client }) => client),
    folders,
    start: async () => void (await Promise.all(nodes.map(node => node.start()))),
    leaderOf: async stream => {
      const connection = await connect({ servers: url.split(',') })
      const { cluster } = await (await jetstreamManager(connection)).streams.info(stream)
      await connection.close()
      const leader = nodes.find(({ name }) => name === (cluster?.leader ?? 'nats-0'))
      if (leader === undefined) throw new Error(`${stream} has no leader`)
      return leader
    },
    stop: async () => {
      // The program that a server runs under may not forward the signal.
      if (wrap !== undefined) for (const each of folders) await terminate(`${each}.pid`)
      await Promise.all(nodes.map(node => node.stop()))
    },
  }
}

const terminate = async (pidFile: string): Promise<void> => {
  try {
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGTERM')
  } catch {
    // It has ended.
  }
}
