import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Failure } from '../domain/failure.ts'

/** A server process that this process started. */
export interface Child {
  readonly pid: number
  /** Resolves when the process has ended. */
  readonly exited: Promise<string>
  /** Sends SIGTERM, and SIGKILL after `limitMs`. Resolves when the process has ended. */
  stop(limitMs?: number): Promise<void>
}

export interface ChildOptions {
  readonly name: string
  readonly binary: string
  readonly args: readonly string[]
  /** Holds its log and its pid file. The command line must name this folder, so that a leftover is recognised. */
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a server in its own process group, so that Ctrl-C reaches only the service, which then ends its servers in order. */
export const startChild = async ({ name, binary, args, folder, environment = {} }: ChildOptions): Promise<Child> => {
  const log = openSync(join(folder, `${name}.log`), 'a')
  const child = spawn(binary, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment },
  })
  const exited = new Promise<string>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    child.once('error', error => resolve(error.message))
  })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) throw new Failure('internal', `${name} could not be started: ${await exited}`)
  child.unref()
  // Synchronously: a service that is killed right here must not leave an unknown server.
  writeFileSync(pidFile(folder, name), String(pid))
  // A service that exits during its start has not stored the child yet.
  const endWithService = () => void child.kill('SIGTERM')
  process.once('exit', endWithService)
  void exited.then(() => process.off('exit', endWithService))
  return { pid, exited, stop: limitMs => stop(child, exited, pidFile(folder, name), limitMs) }
}

const pidFile = (folder: string, name: string): string => join(folder, `${name}.pid`)

const stop = async (child: ChildProcess, exited: Promise<string>, file: string, limitMs = 10_000): Promise<void> => {
  // Keeps this process alive until the child has ended, also after the timer below has fired.
  child.ref()
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), limitMs)
  await exited
  clearTimeout(force)
  await rm(file, { force: true })
}

/**
 * Ends the server that a killed service left behind, since two servers on one folder would corrupt it. The pid file must name the
 * process, and its command line must contain this folder, so that another process with a reused id is left alone.
 */
export const stopLeftover = async (folder: string, name: string): Promise<boolean> => {
  const pid = Number(await readFile(pidFile(folder, name), 'utf8').catch(() => ''))
  if (!(await isOurs(pid, folder))) return false
  process.kill(pid, 'SIGTERM')
  for (let waited = 0; await isOurs(pid, folder); waited += 100) {
    if (waited === 10_000) process.kill(pid, 'SIGKILL')
    await wait(100)
  }
  return true
}

const isOurs = async (pid: number, folder: string): Promise<boolean> => {
  if (!Number.isInteger(pid) || pid <= 0) return false
  return (await commandOf(pid)).includes(folder + sep)
}

/** Reads the command line of a process. Empty if it does not run; a zombie has none either. */
const commandOf = async (pid: number): Promise<string> => {
  if (process.platform === 'linux')
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
  return promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  )
}
