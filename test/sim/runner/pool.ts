import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Order, Verdict } from './verdict.ts'

/** Processes that run worlds side by side. A world needs a process of its own while it runs, because it replaces the clocks and timers. */
export interface Pool {
  run(order: Order): Promise<Verdict>
  /** Runs orders until there is none; `onVerdict` gets each result as it comes, and returns false to stop. */
  runAll(orders: Iterator<Order>, onVerdict: (verdict: Verdict) => boolean): Promise<void>
  close(): void
}

/** A run takes seconds; one that takes this long goes in circles. */
const runLimitMs = 300_000

export const createPool = (size = availableParallelism()): Pool => {
  const idle: ChildProcess[] = []
  const all = new Set<ChildProcess>()

  const start = (): ChildProcess => {
    const child = fork(join(import.meta.dirname, 'runner.ts'), {
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=64'],
    })
    all.add(child)
    return child
  }

  const run = (order: Order): Promise<Verdict> =>
    new Promise((resolve, reject) => {
      const child = idle.pop() ?? start()
      const end = () => {
        clearTimeout(limit)
        child.removeAllListeners()
      }
      const limit = setTimeout(() => {
        child.kill('SIGKILL')
      }, runLimitMs)
      child.once('message', (answer: { verdict?: Verdict; failed?: string }) => {
        end()
        idle.push(child)
        if (answer.verdict === undefined) reject(new Error(`seed ${order.seed}: ${answer.failed}`))
        else resolve(answer.verdict)
      })
      child.once('exit', code => {
        end()
        all.delete(child)
        reject(new Error(`seed ${order.seed}: its process ended with ${code ?? 'a signal'} before it was done`))
      })
      child.send(order)
    })

  return {
    run,
    runAll: async (orders, onVerdict) => {
      let goesOn = true
      const lane = async () => {
        while (goesOn) {
          const next = orders.next()
          if (next.done === true) return
          if (!onVerdict(await run(next.value))) goesOn = false
        }
      }
      await Promise.all(Array.from({ length: size }, lane))
    },
    close: () => {
      for (const child of all) child.kill()
    },
  }
}
