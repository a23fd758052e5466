import type { Behaviour } from './bare-receiver.ts'
import { startChild } from './child.ts'

export interface Arrivals {
  /** Event id and path, and when it first arrived. */
  readonly arrivals: readonly (readonly [id: string, atMs: number])[]
  readonly duplicates: number
}

/** A receiver in its own process. */
export interface BenchReceiver {
  readonly url: string
  /** Resolves when this many different deliveries have arrived since the last call. */
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
