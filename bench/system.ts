import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { nodeFlags } from '../src/service/node-flags.ts'
import { childrenOf, pidOf } from './processes.ts'

const root = join(import.meta.dirname, '..')

/** The service under test with its own servers. */
export interface BenchSystem {
  readonly url: string
  readonly token: string
  readonly dataDir: string
  readonly pids: Readonly<Record<'node' | 'nats-server' | 'mongod', number> & Record<string, number>>
  /** Time from the start of the process until `/readyz` answered 200. */
  readonly readyMs: number
  /** URL of Node's inspector, if NODE_OPTIONS opens it. */
  readonly inspectorUrl: string | null
  /** Kills the service and leaves its servers, so that another can start on the same folder. */
  kill(): Promise<void>
  /** Stops it in order and keeps the folder. */
  end(): Promise<void>
  /** Stops it in order and removes the folder. */
  stop(): Promise<void>
}

export const startSystem = async (
  environment: Readonly<Record<string, string>>,
  folder?: string,
  entry: readonly string[] = ['--import', './observability/register.ts', 'src/main.ts'],
  checkout = root,
): Promise<BenchSystem> => {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'doorbell-bench-')))
  const startedAt = performance.now()
  const service = spawn(process.execPath, [...nodeFlags, ...entry], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
      NO_COLOR: '1',
      DOORBELL_DATA_DIR: dataDir,
      DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
      DOORBELL_EGRESS_HTTP: 'true',
      DOORBELL_LOG_LEVEL: 'info',
      ...environment,
    },
  })
  const ended = new Promise(resolve => service.once('exit', resolve))
  const { url, token, inspectorUrl } = await greeting(service)
  await ready(url)
  const readyMs = performance.now() - startedAt
  const end = async () => {
    service.kill('SIGTERM')
    await ended
  }
  const node = service.pid ?? 0
  const servers = { 'nats-server': await pidOf(dataDir, 'nats-server'), mongod: await pidOf(dataDir, 'mongod') }
  const workers = (await childrenOf(node)).filter(pid => !Object.values(servers).includes(pid))
  return {
    url,
    token,
    dataDir,
    readyMs,
    inspectorUrl,
    pids: { node, ...servers, ...Object.fromEntries(workers.map((pid, n) => [`worker ${n + 1}`, pid])) },
    kill: async () => {
      service.kill('SIGKILL')
      await ended
    },
    end,
    stop: async () => {
      await end()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const ready = async (url: string): Promise<void> => {
  while (!(await fetch(`${url}/readyz`)).ok) await wait(20)
}

interface Greeting {
  readonly url: string
  readonly token: string
  readonly inspectorUrl: string | null
}

const greeting = (service: ChildProcess): Promise<Greeting> =>
  new Promise((resolve, reject) => {
    let text = ''
    service.stderr?.on('data', data => {
      text += String(data)
      const url = /^Doorbell +(\S+)\/$/m.exec(text)?.[1]
      const token = /^operator token +(\S+)$/m.exec(text)?.[1]
      const inspectorUrl = /^Debugger listening on (\S+)$/m.exec(text)?.[1] ?? null
      if (url !== undefined && token !== undefined) resolve({ url, token, inspectorUrl })
    })
    service.once('exit', code => reject(new Error(`the service ended with ${code}: ${text}`)))
  })
