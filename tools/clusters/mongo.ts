import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { findMongod } from '../servers/find-mongod.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'

export interface MongoSet {
  readonly url: string
  readonly nodes: readonly ServerProcess[]
  readonly ports: readonly number[]
  primary(): Promise<ServerProcess>
  stop(): Promise<void>
}

const setName = 'doorbell'

interface MongoOptions {
  readonly size: 1 | 3
}

/** Starts a replica set of one or three on free ports of 127.0.0.1. */
export const startMongoSet = async (folder: string, options: MongoOptions): Promise<MongoSet> => {
  const set = await prepareMongoSet(folder, options)
  await set.start()
  return set
}

/** The same, not started yet, so that others can start at the same instant. */
export const prepareMongoSet = async (
  folder: string,
  { size }: MongoOptions,
): Promise<MongoSet & { start(): Promise<void> }> => {
  const { binary, environment } = await findMongod(line => process.stderr.write(`# ${line}\n`))
  const ports: number[] = []
  for (let node = 0; node < size; node += 1) ports.push(await freePort(0))
  const nodes = await Promise.all(
    ports.map(async (port, node) => {
      const name = `mongod-${node}`
      const data = join(folder, name)
      await mkdir(data, { recursive: true })
      const network = ['--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket']
      const storage = ['--dbpath', data, '--replSet', setName, '--oplogSize', '128', '--wiredTigerCacheSizeGB', '0.25']
      return createServerProcess({
        name,
        folder,
        binary,
        args: [...network, ...storage],
        environment,
        isReady: () => direct(port, async client => (await client.db('admin').command({ ping: 1 }))['ok'] === 1),
      })
    }),
  )
  const members = ports.map((port, _id) => ({ _id, host: `127.0.0.1:${port}` }))
  // A dead primary is noticed after two seconds instead of ten, since the fault tests wait for each election.
  const settings = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 }
  const initiate = () =>
    direct(ports[0] ?? 0, client =>
      client.db('admin').command({ replSetInitiate: { _id: setName, members, settings } }),
    )
  const primary = async (): Promise<ServerProcess> => {
    for (;;) {
      for (const [index, port] of ports.entries()) {
        const hello = await direct(port, client => client.db('admin').command({ hello: 1 })).catch(() => null)
        const node = nodes[index]
        if (hello?.['isWritablePrimary'] === true && node !== undefined) return node
      }
      await wait(50)
    }
  }
  return {
    url: `mongodb://${ports.map(port => `127.0.0.1:${port}`).join(',')}/?replicaSet=${setName}`,
    nodes,
    ports,
    primary,
    start: async () => {
      await Promise.all(nodes.map(node => node.start()))
      await initiate()
      await primary()
    },
    stop: async () => void (await Promise.all(nodes.map(node => node.stop()))),
  }
}

const direct = async <T>(port: number, ask: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
  })
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}
