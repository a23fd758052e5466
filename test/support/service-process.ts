import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { nodeFlags } from '../../src/service/node-flags.ts'
import { stopLeftover } from '../../src/embedded/child.ts'
import { collect } from './collect.ts'
import { adminToken, callOf, type Doorbell } from './doorbell.ts'

const root = join(import.meta.dirname, '../..')

export interface ServiceProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly call: Doorbell['call']
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string | null>
  readonly output: () => string
}

/** Returns a data folder of the test's own. It is removed afterwards, and servers that a killed service left on it are stopped. */
export const temporaryFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-test-'))
  t.teardown(async () => {
    await stopLeftover(folder, 'nats-server')
    await stopLeftover(folder, 'mongod')
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })
  return folder
}

const direct = [process.execPath, ...nodeFlags, '--import', './observability/register.ts', 'src/main.ts']

/** A process that has not said yet that it can be used. */
export interface StartingProcess extends Pick<ServiceProcess, 'child' | 'ended' | 'output'> {
  /** Resolves at its greeting. Rejects when it ends before. */
  readonly started: Promise<ServiceProcess>
}

/** Runs what `npm start` runs as a process of its own. */
export const launch = (
  environment: Readonly<Record<string, string>>,
  [command = '', ...args] = direct,
): StartingProcess => {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: '0',
      NO_COLOR: '1',
      DOORBELL_ADMIN_TOKEN: adminToken,
      DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
      DOORBELL_EGRESS_HTTP: 'true',
      ...environment,
    },
  })
  let output = ''
  const ended = new Promise<number | string | null>(resolve =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  )
  const keep = (data: Buffer) => {
    output += String(data)
    collect('log', String(data))
  }
  child.stdout.on('data', keep)
  const greeted = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      keep(data)
      const found = /^Doorbell(?: +| worker, readiness at )(\S+?)\/(?:readyz)?$/m.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    })
    void ended.then(how => reject(new Error(`ended with ${String(how)}: ${output}`)))
  })
  const running = { child, ended, output: () => output }
  const started = greeted.then(url => ({ ...running, url, call: callOf(url) }))
  // A test that expects the end of the process awaits only that.
  started.catch(() => undefined)
  return { ...running, started }
}

/** Runs what `npm start` runs as a process of its own, and resolves at its greeting. Rejects when it ends before. */
export const startProcess = (
  environment: Readonly<Record<string, string>>,
  command?: string[],
): Promise<ServiceProcess> => launch(environment, command).started
