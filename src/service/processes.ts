import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { nodeFlags } from './node-flags.ts'

/** Worker processes that this one started. */
export interface WorkerProcesses {
  /** Process ids of those that run. */
  pids(): number[]
  /** Ends all in order; a second call waits for the first. */
  stop(): Promise<void>
}

export interface WorkerProcessOptions {
  readonly count: number
  /** What they need beyond this process's own environment: servers, token and key as they were resolved. */
  readonly environment: Readonly<Record<string, string>>
  /** What the one with this number, from 0, needs for itself; a new process in its place gets the same. */
  readonly environmentOf?: (number: number) => Readonly<Record<string, string>>
  readonly onExit: (how: string, againInMs: number) => void
  /** For tests: what is run. */
  readonly file?: string
}

const firstDelayMs = 100
const maxDelayMs = 10_000
/** One that lasted so long begins a new count. */
const calmMs = 60_000

/** Starts worker processes and starts again whichever ends. They end by themselves when this process dies: their channel closes. */
export const startWorkerProcesses = (options: WorkerProcessOptions): WorkerProcesses => {
  const running = new Set<ChildProcess>()
  const waiting = new Set<NodeJS.Timeout>()
  let stopping: Promise<void> | null = null

  const start = (number: number, delayMs: number): void => {
    const startedAt = performance.now()
    const child = fork(options.file ?? join(import.meta.dirname, '../main.ts'), {
      execArgv: [...nodeFlags, '--import', join(import.meta.dirname, '../../observability/register.ts')],
      env: {
        ...process.env,
        ...options.environment,
        ...options.environmentOf?.(number),
        DOORBELL_ROLE: 'worker',
        DOORBELL_WORKERS: '1',
        PORT: '0',
      },
    })
    running.add(child)
    child.once('exit', (code, signal) => {
      running.delete(child)
      if (stopping !== null) return
      const again = performance.now() - startedAt > calmMs ? firstDelayMs : delayMs
      options.onExit(signal ?? `exit code ${code}`, again)
      const timer = setTimeout(() => {
        waiting.delete(timer)
        start(number, Math.min(again * 2, maxDelayMs))
      }, again)
      waiting.add(timer)
    })
  }
  for (let started = 0; started < options.count; started += 1) start(started, firstDelayMs)

  const stop = async (): Promise<void> => {
    waiting.forEach(clearTimeout)
    const ends = [...running].map(child => {
      child.kill('SIGTERM')
      return new Promise(resolve => child.once('exit', resolve))
    })
    await Promise.all(ends)
  }
  return {
    pids: () => [...running].flatMap(({ pid }) => pid ?? []),
    stop: () => (stopping ??= stop()),
  }
}
