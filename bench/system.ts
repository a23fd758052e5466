import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pidOf } from './processes.ts'

const root = join(import.meta.dirname, '..')

export interface Arrivals {
  readonly arrivals: readonly (readonly [id: string, atMs: number])[]
  readonly duplicates: number
}

/** The service under test with its own servers, and a bare receiver, each a process of its own. */
export interface BenchSystem {
  readonly url: string
  readonly token: string
  readonly receiverUrl: string
  readonly pids: Readonly<Record<'node' | 'nats-server' | 'mongod', number>>
  /** Resolves when the receiver has had so many different events. */
  arrived(wanted: number): Promise<Arrivals>
  stop(): Promise<void>
}

export const startSystem = async (environment: Readonly<Record<string, string>>): Promise<BenchSystem> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-bench-'))
  const service = spawn(process.execPath, ['--import', './observability/register.ts', 'src/main.ts'], {
    cwd: root,
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
  const { url, token } = await greeting(service)
  const receiver = fork(join(root, 'bench/bare-receiver.ts'))
  const { port } = await heard<{ port: number }>(receiver, 'listening')
  return {
    url,
    token,
    receiverUrl: `http://127.0.0.1:${port}/`,
    pids: {
      node: service.pid ?? 0,
      'nats-server': await pidOf(dataDir, 'nats-server'),
      mongod: await pidOf(dataDir, 'mongod'),
    },
    arrived: wanted => {
      const done = heard<Arrivals>(receiver, 'done')
      receiver.send({ wanted })
      return done
    },
    stop: async () => {
      receiver.disconnect()
      const ended = new Promise(resolve => service.once('exit', resolve))
      service.kill('SIGTERM')
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const greeting = (service: ChildProcess): Promise<{ url: string; token: string }> =>
  new Promise((resolve, reject) => {
    let text = ''
    service.stderr?.on('data', data => {
      text += String(data)
      const url = /^Doorbell +(\S+)\/$/m.exec(text)?.[1]
      const token = /^operator token +(\S+)$/m.exec(text)?.[1]
      if (url !== undefined && token !== undefined) resolve({ url, token })
    })
    service.once('exit', code => reject(new Error(`the service ended with ${code}: ${text}`)))
  })

const heard = <T>(child: ChildProcess, type: string): Promise<T> =>
  new Promise(resolve => {
    const listen = (message: unknown) => {
      if ((message as { type: string }).type !== type) return
      child.off('message', listen)
      resolve(message as T)
    }
    child.on('message', listen)
  })
