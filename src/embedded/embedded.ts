import { mkdir, realpath } from 'node:fs/promises'
import { Failure } from '../domain/failure.ts'
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
  /** Where this machine reads nats-server's configuration and state. */
  readonly natsMonitorUrl: string | null
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
    if (await stopLeftover(folder, 'nats-server'))
      options.progress('ended the nats-server that an earlier run left behind')
    const binary = await findNatsServer(options.progress)
    return keep('nats-server', await startNats({ binary, folder, sync: options.sync }))
  }
  const mongodb = async () => {
    if (!options.mongodb) return null
    if (await stopLeftover(folder, 'mongod')) options.progress('ended the mongod that an earlier run left behind')
    return keep('mongod', await startMongod({ ...(await findMongod(options.progress)), folder })).url
  }

  const [natsStart, mongodbStart] = await Promise.allSettled([nats(), mongodb()])
  if (natsStart.status === 'fulfilled' && mongodbStart.status === 'fulfilled')
    return {
      natsUrl: natsStart.value?.url ?? null,
      natsMonitorUrl: natsStart.value?.monitorUrl ?? null,
      mongodbUrl: mongodbStart.value,
      stop,
    }
  await stop()
  throw faultOf([natsStart, mongodbStart])
}

/** The fault of the server that did not start, or one fault that names both. */
const faultOf = (starts: readonly PromiseSettledResult<unknown>[]): unknown => {
  const reasons: readonly unknown[] = starts.flatMap(start => (start.status === 'rejected' ? [start.reason] : []))
  const [first] = reasons
  if (reasons.length === 1 || !(first instanceof Failure)) return first
  const messages = reasons.map(reason => (reason instanceof Error ? reason.message : String(reason)))
  return new Failure(first.code, messages.join('\n'), { cause: first })
}
