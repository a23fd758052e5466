import { mkdir, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../domain/failure.ts'
import { type Child, startChild } from './child.ts'
import { onFreePort } from './ports.ts'

export interface NatsOptions {
  readonly binary: string
  readonly folder: string
  readonly sync: 'always' | 'interval'
}

interface StartedNats {
  readonly child: Child
  readonly url: string
  readonly monitorUrl: string
}

const preferredPort = 4_222
const preferredMonitorPort = 8_222
const startLimitMs = 30_000

/** Starts nats-server with JetStream on 127.0.0.1 and waits until it answers. */
export const startNats = (options: NatsOptions, onPort = onFreePort): Promise<StartedNats> =>
  onPort(preferredPort, port => onPort(preferredMonitorPort, monitorPort => startOn(options, port, monitorPort)))

const startOn = async (
  { binary, folder, sync }: NatsOptions,
  port: number,
  monitorPort: number,
): Promise<StartedNats> => {
  const config = join(folder, 'nats.conf')
  await mkdir(join(folder, 'jetstream'), { recursive: true })
  await writeFile(config, configText({ folder, port, monitorPort, sync }))
  const child = await startChild({ name: 'nats-server', binary, args: ['--config', config], folder })
  const monitorUrl = `http://127.0.0.1:${monitorPort}`
  await untilHealthy(child, monitorUrl, folder)
  return { child, url: `nats://127.0.0.1:${port}`, monitorUrl }
}

/** Writes JSON, a subset of the server's configuration language, so that every path is quoted correctly. */
const configText = (options: {
  folder: string
  port: number
  monitorPort: number
  sync: 'always' | 'interval'
}): string =>
  JSON.stringify({
    server_name: 'doorbell',
    listen: `127.0.0.1:${options.port}`,
    http: `127.0.0.1:${options.monitorPort}`,
    jetstream: {
      store_dir: join(options.folder, 'jetstream'),
      sync_interval: options.sync === 'always' ? 'always' : '2m',
    },
  })

const untilHealthy = async (child: Child, url: string, folder: string): Promise<void> => {
  let ended: string | null = null
  void child.exited.then(how => (ended = how))
  for (const since = Date.now(); Date.now() - since < startLimitMs;) {
    if (ended !== null)
      throw new Failure('internal', `nats-server ended at start (${String(ended)}): see ${folder}/nats-server.log`)
    if ((await isOurs(url, folder)) && (await answer(`${url}/healthz`)) !== null) return
    await wait(50)
  }
  await child.stop()
  throw new Failure(
    'internal',
    `nats-server did not become ready within ${startLimitMs / 1_000} s: see ${folder}/nats-server.log`,
  )
}

/** Whether the server that answers stores its data in our folder: another process may have taken the port, and its server answers as well. */
const isOurs = async (url: string, folder: string): Promise<boolean> => {
  const varz = (await answer(`${url}/varz`)) as { jetstream?: { config?: { store_dir?: string } } } | null
  return varz?.jetstream?.config?.store_dir?.startsWith(folder + sep) === true
}

/** The JSON that the server answers; null if it does not, or answers with an error. */
const answer = async (url: string): Promise<unknown> => {
  try {
    const response = await fetch(url)
    const body: unknown = await response.json()
    return response.ok ? body : null
  } catch {
    return null
  }
}
