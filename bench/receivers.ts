import type { Behaviour } from './bare-receiver.ts'
import { startChild } from './child.ts'

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
  const child = await startChild('bare-receiver.ts', [behaviour])
  return {
    url: `http://127.0.0.1:${child.port}/`,
    arrived: wanted => {
      const done = child.heard<Arrivals>('done')
      child.send({ wanted })
      return done
    },
    stop: child.stop,
  }
}
