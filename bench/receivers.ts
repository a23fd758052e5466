import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Behaviour } from './bare-receiver.ts'

export interface Arrivals {
  /** Event id and path, and when it first came. */
  readonly arrivals: readonly (readonly [id: string, atMs: number])[]
  readonly duplicates: number
}

/** A receiver in a process of its own. */
export interface BenchReceiver {
  readonly url: string
  /** Resolves when so many different deliveries have come since the last call. */
  arrived(wanted: number): Promise<Arrivals>
  stop(): void
}

export const startReceiver = async (behaviour: Behaviour = 'well'): Promise<BenchReceiver> => {
  const child = fork(join(import.meta.dirname, 'bare-receiver.ts'), [behaviour])
  const { port } = await heard<{ port: number }>(child, 'listening')
  return {
    url: `http://127.0.0.1:${port}/`,
    arrived: wanted => {
      const done = heard<Arrivals>(child, 'done')
      child.send({ wanted })
      return done
    },
    stop: () => child.disconnect(),
  }
}

const heard = <T>(child: ChildProcess, type: string): Promise<T> =>
  new Promise(resolve => {
    const listen = (message: unknown) => {
      if ((message as { type: string }).type !== type) return
      child.off('message', listen)
      resolve(message as T)
    }
    child.on('message', listen)
  })
