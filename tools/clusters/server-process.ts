import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface ServerProcessOptions {
  readonly name: string
  readonly binary: string
  readonly args: readonly string[]
  /** Holds its log. */
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** Whether it answers. Called again until it does. */
  readonly isReady: () => Promise<boolean>
}

/** A server that can be killed and restarted, on the same port and folder. */
export interface ServerProcess {
  readonly name: string
  readonly pid: number
  start(): Promise<void>
  /** Sends SIGKILL. */
  kill(): Promise<void>
  /** Sends SIGTERM. */
  stop(): Promise<void>
}

export const createServerProcess = (options: ServerProcessOptions): ServerProcess => {
  const { name, binary, args, folder, environment = {}, isReady } = options
  let child: ChildProcess | null = null
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child?.once('exit', resolve))
    child.kill(signal)
    await ended
  }
  return {
    name,
    get pid() {
      return child?.pid ?? 0
    },
    start: async () => {
      const log = openSync(join(folder, `${name}.log`), 'a')
      child = spawn(binary, args, { stdio: ['ignore', log, log], env: { ...process.env, ...environment } })
      closeSync(log)
      const started = child
      const endWithUs = () => started.kill('SIGKILL')
      process.once('exit', endWithUs)
      started.once('exit', () => process.off('exit', endWithUs))
      while (!(await isReady().catch(() => false))) {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new Error(`${name} ended at start: see ${folder}/${name}.log`)
        await wait(50)
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}
