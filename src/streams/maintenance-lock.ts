import { setTimeout as delay } from 'node:timers/promises'
import type { KV } from '@nats-io/kv'
import { Failure } from '../domain/failure.ts'

export interface LockPorts {
  readonly kv: Pick<KV, 'create' | 'update'>
  /** Resolves to null when another process wrote the key first. */
  readonly unlessOvertaken: (write: () => Promise<number>) => Promise<number | null>
  /** Removes the key if this revision is its last. */
  readonly remove: (key: string, revision: number) => Promise<void>
  /** Milliseconds of a clock that only runs forward. */
  readonly now?: () => number
  readonly wait?: (forMs: number) => Promise<unknown>
}

/** Work that runs in one process at a time. It calls `renew` before each step that must not overlap with another process's. */
export type Exclusively = <T>(work: (renew: () => Promise<void>) => Promise<T>) => Promise<T>

const key = 'turn'
const retryMs = 100
/** Several times as long as the server keeps the lock of a killed process. */
const patienceMs = 60_000

/** Creates the lock of the stream's maintenance. The server drops it with the bucket's age limit when its holder dies. */
export const createMaintenanceLock = ({
  kv,
  unlessOvertaken,
  remove,
  now = () => performance.now(),
  wait = delay,
}: LockPorts): Exclusively => {
  const acquire = async (): Promise<number> => {
    const giveUpAt = now() + patienceMs
    for (;;) {
      const revision = await unlessOvertaken(() => kv.create(key, ''))
      if (revision !== null) return revision
      if (now() > giveUpAt) throw notHeld('could not get')
      await wait(retryMs)
    }
  }
  return async work => {
    let revision = await acquire()
    const renew = async () => {
      const next = await unlessOvertaken(() => kv.update(key, '', revision))
      if (next === null) throw notHeld('lost')
      revision = next
    }
    try {
      return await work(renew)
    } finally {
      // If this fails, the server drops the lock later.
      await remove(key, revision).catch(() => undefined)
    }
  }
}

const notHeld = (how: string): Failure =>
  new Failure('streams_unavailable', `This process ${how} the lock for changes of the stream: start it again.`)
