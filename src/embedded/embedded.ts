import { mkdir, realpath } from 'node:fs/promises'
import { type Child, stopLeftover } from './child.ts'
import { findMongod, findNatsServer } from './find-servers.ts'
import { startMongod } from './mongod.ts'
import { startNats } from './nats.ts'

export interface EmbeddedOptions {
  readonly dataDir: string
  /** How often nats-server flushes to disk: before each acknowledgement, or every two minutes. */
  readonly sync: 'always' | 'interval'
  /** Whether to start a nats-server. */
  readonly nats: boolean
  /** Whether to start a mongod. */
  readonly mongodb: boolean
  readonly progress: (line: string) => void
  /** Called when a server ends without `stop`. */
  readonly onExit: (name: string, detail: string) => void
}

export interface Embedded {
  readonly natsUrl: string | null
  readonly mongodbUrl: string | null
  /** Ends the servers in order. A second call does nothing. */
  stop(): Promise<void>
}

/** Starts real servers for a machine that has none, with their data in the folder, which the caller must have locked. */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 })
  const folder = await realpath(options.dataDir)
  const children: { name: string; child: Child }[] = []
  let stopping = false
  const keep = <T extends { child: Child }>(name: string, started: T): T => {
    children.push({ name, child: started.child })
    void started.child.exited.then(detail => stopping || options.onExit(name, detail))
    return started
  }
  const stop = async () => {
    stopping = true
    await Promise.all(children.splice(0).map(({ child }) => child.stop()))
  }

  const nats = async () => {
    if (!options.nats) return null
    if (await stopLeftover(folder, 'nats-server')) options.progress('ended the nats-server of an earlier run')
    const binary = await findNatsServer(options.progress)
    return keep('nats-server', await startNats({ binary, folder, sync: options.sync })).url
  }
  const mongodb = async () => {
    if (!options.mongodb) return null
    if (await stopLeftover(folder, 'mongod')) options.progress('ended the mongod of an earlier run')
    return keep('mongod', await startMongod({ ...(await findMongod(options.progress)), folder })).url
  }

  const [natsStart, mongodbStart] = await Promise.allSettled([nats(), mongodb()])
  if (natsStart.status === 'rejected' || mongodbStart.status === 'rejected') {
    await stop()
    throw natsStart.status === 'rejected' ? natsStart.reason : (mongodbStart as PromiseRejectedResult).reason
  }
  return { natsUrl: natsStart.value, mongodbUrl: mongodbStart.value, stop }
}
