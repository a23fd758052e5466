import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Toxiproxy } from 'toxiproxy-node-client'
import { cacheFolder } from '../../tools/servers/find-binary.ts'
import { freePort } from '../../src/embedded/ports.ts'

const run = promisify(execFile)
const version = 'v2.5.0'
const cached = join(cacheFolder(), `toxiproxy-server-${version}`)

/** A toxiproxy-server on PATH, in the cache, or built with Go; null when there is none. */
const findToxiproxy = async (): Promise<string | null> => {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, 'toxiproxy-server'))
  const found = [...onPath, cached].find(path => existsSync(path))
  if (found !== undefined) return found
  try {
    process.stderr.write('# building toxiproxy with Go\n')
    const environment = { ...process.env, GOBIN: cacheFolder() }
    await run('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@${version}`], { env: environment })
    await rename(join(cacheFolder(), 'server'), cached)
    return cached
  } catch {
    return null
  }
}

/** Why network faults cannot be brought about here; null when they can. */
export const missingToxiproxy = async (): Promise<string | null> =>
  (await findToxiproxy()) === null ? 'needs toxiproxy-server on PATH, or Go to build it' : null

/** A connection's weather: between Doorbell and a server. */
export interface Link {
  /** Where Doorbell connects to. */
  readonly port: number
  slow(latencyMs: number): Promise<void>
  cut(): Promise<void>
  heal(): Promise<void>
}

export const startToxiproxy = async () => {
  const binary = await findToxiproxy()
  if (binary === null) throw new Error('there is no toxiproxy')
  const port = await freePort(0)
  const child = spawn(binary, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' })
  const client = new Toxiproxy(`http://127.0.0.1:${port}`)
  while (!(await fetch(`http://127.0.0.1:${port}/version`).catch(() => null))?.ok) await wait(50)
  return {
    link: async (name: string, upstreamPort: number): Promise<Link> => {
      const linkPort = await freePort(0)
      const shape = { name, listen: `127.0.0.1:${linkPort}`, upstream: `127.0.0.1:${upstreamPort}` }
      const proxy = await client.createProxy(shape)
      let slowness: { remove(): Promise<unknown> } | undefined
      return {
        port: linkPort,
        slow: async latency => {
          slowness = await proxy.addToxic({
            name: 'slow',
            type: 'latency',
            stream: 'downstream',
            toxicity: 1,
            attributes: { latency, jitter: latency / 4 },
          })
        },
        cut: async () => void (await proxy.update({ ...shape, enabled: false })),
        heal: async () => {
          await slowness?.remove()
          slowness = undefined
          await proxy.update({ ...shape, enabled: true })
        },
      }
    },
    stop: () => void child.kill('SIGTERM'),
  }
}
