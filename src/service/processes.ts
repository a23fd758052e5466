import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { nodeFlags } from './node-flags.ts'
import { wait } from './wait.ts'

/** Child processes that run until they are stopped. */
export interface Processes {
  /** Process ids of those that run. */
  pids(): number[]
  /** Stops all in order. A second call waits for the first. */
  stop(): Promise<void>
}

export interface ProcessesOptions {
  readonly count: number
  /** What the process with this number, from 0, needs beyond this process's own environment. A restarted one gets the same. */
  readonly environmentOf: (number: number) => Readonly<Record<string, string>>
  readonly onExit: (how: string, againInMs: number) => void
  /** For tests: the file that is run. */
  readonly file?: string
}

const firstDelayMs = 100
const maxDelayMs = 10_000
/** After a process that ran for so long, the delay starts at the first one again. */
const calmMs = 60_000

/** Returns how long after its end a process is restarted: twice as long each time, unless it ran well. The first time the previous delay is 0. */
export const restartDelayMs = (previousMs: number, ranMs: number): number =>
  previousMs === 0 || ranMs > calmMs ? firstDelayMs : Math.min(previousMs * 2, maxDelayMs)

const mainFile = join(import.meta.dirname, '../main.ts')
const registerFile = join(import.meta.dirname, '../../observability/register.ts')

/** Starts processes, and restarts each that ends. They end by themselves when this process dies, since their channel closes. */
export const startProcesses = ({ count, environmentOf, onExit, file = mainFile }: ProcessesOptions): Processes => {
  const running = new Set<ChildProcess>()
  const stopping = new AbortController()
  const { signal } = stopping

  const run = async (number: number): Promise<string> => {
    const child = fork(file, {
      execArgv: [...nodeFlags, '--import', registerFile],
      env: { ...process.env, ...environmentOf(number) },
    })
    running.add(child)
    try {
      const [code, how] = (await once(child, 'exit')) as [number | null, string | null]
      return how ?? `exit code ${code}`
    } finally {
      running.delete(child)
    }
  }
  const keepRunning = async (number: number): Promise<void> => {
    for (let delayMs = 0; !signal.aborted;) {
      const startedAt = performance.now()
      // Where a machine has no process or memory left, the next attempt may succeed.
      const how = await run(number).catch(String)
      if (signal.aborted) return
      delayMs = restartDelayMs(delayMs, performance.now() - startedAt)
      onExit(how, delayMs)
      await wait(delayMs, signal)
    }
  }
  const ended = Promise.all(Array.from({ length: count }, (_, number) => keepRunning(number)))

  return {
    pids: () => [...running].flatMap(({ pid }) => pid ?? []),
    stop: async () => {
      if (!signal.aborted) {
        stopping.abort()
        running.forEach(child => child.kill('SIGTERM'))
      }
      await ended
    },
  }
}
