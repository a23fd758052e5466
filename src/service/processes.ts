import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { errorText } from '../domain/error-text.ts'
import { nodeFlags } from './node-flags.ts'
import { wait } from './wait.ts'

/** Child processes that run until they are stopped. */
export interface Processes {
  /** Process ids of those that run. */
  pids(): number[]
  /** Stops all in order. A second call waits for the first. */
  stop(): Promise<void>
}

/** How a process ended by itself. */
export interface ProcessEnd {
  /** Its exit code or its signal. */
  readonly how: string
  /** What it said about that itself (`reportCause`). */
  readonly cause?: string
  /** How often it has ended since it last ran well. */
  readonly times: number
  readonly againInMs: number
}

export interface ProcessesOptions {
  readonly count: number
  /** What the process with this number, from 0, needs beyond this process's own environment. A restarted one gets the same. */
  readonly environmentOf: (number: number) => Readonly<Record<string, string>>
  readonly onExit: (end: ProcessEnd) => void
  /** For tests: the file that is run. */
  readonly file?: string
}

export const firstDelayMs = 100
export const maxDelayMs = 30_000
/** After a process that ran for so long, the delay starts at the first one again. */
const calmMs = 60_000

/** Returns how long after its end a process is restarted: twice as long each time, unless it ran well. The first time the previous delay is 0. */
export const restartDelayMs = (previousMs: number, ranMs: number): number =>
  previousMs === 0 || ranMs > calmMs ? firstDelayMs : Math.min(previousMs * 2, maxDelayMs)

/** Reports to the process that started this one why this one ends. Does nothing where no process waits for that. */
export const reportCause = (
  error: unknown,
  host: { readonly send?: ((message: object) => unknown) | undefined },
): void => void host.send?.({ cause: errorText(error) })

const causeOf = (message: unknown): { readonly cause?: string } => {
  const { cause } = (message ?? {}) as { readonly cause?: unknown }
  return typeof cause === 'string' ? { cause } : {}
}

const mainFile = join(import.meta.dirname, '../main.ts')
const registerFile = join(import.meta.dirname, '../../observability/register.ts')

/** Starts processes, and restarts each that ends. They end by themselves when this process dies, since their channel closes. */
export const startProcesses = ({ count, environmentOf, onExit, file = mainFile }: ProcessesOptions): Processes => {
  const running = new Set<ChildProcess>()
  const stopping = new AbortController()
  const { signal } = stopping

  const run = async (number: number): Promise<Pick<ProcessEnd, 'how' | 'cause'>> => {
    const child = fork(file, {
      execArgv: [...nodeFlags, '--import', registerFile],
      env: { ...process.env, ...environmentOf(number) },
    })
    running.add(child)
    let cause = {}
    child.on('message', message => (cause = causeOf(message)))
    try {
      const [code, how] = (await once(child, 'exit')) as [number | null, string | null]
      return { how: how ?? `exit code ${code}`, ...cause }
    } finally {
      running.delete(child)
    }
  }
  const keepRunning = async (number: number): Promise<void> => {
    for (let [delayMs, times] = [0, 0]; !signal.aborted;) {
      const startedAt = performance.now()
      // Where a machine has no process or memory left, the next attempt may succeed.
      const end = await run(number).catch((error: unknown) => ({ how: errorText(error) }))
      if (signal.aborted) return
      delayMs = restartDelayMs(delayMs, performance.now() - startedAt)
      times = delayMs === firstDelayMs ? 1 : times + 1
      onExit({ ...end, times, againInMs: delayMs })
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
