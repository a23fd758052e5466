import { setTimeout as wait } from 'node:timers/promises'
import type { KV } from '@nats-io/kv'
import { Failure } from '../domain/failure.ts'

export interface TurnPorts {
  readonly kv: KV
  /** Null when somebody else wrote the key. */
  readonly unlessMet: (write: () => Promise<number>) => Promise<number | null>
  /** Removes the key if this revision is its last. */
  readonly remove: (key: string, revision: number) => Promise<void>
}

const key = 'turn'
const askAgainMs = 100
/** Several times as long as a killed process keeps its turn. */
const patienceMs = 60_000

/** Does work that only one process may do at a time; it calls `keepTurn` before a step that must not meet another's. */
export const createTurns =
  ({ kv, unlessMet, remove }: TurnPorts) =>
  async <T>(work: (keepTurn: () => Promise<void>) => Promise<T>): Promise<T> => {
    const since = Date.now()
    let revision = await unlessMet(() => kv.create(key, ''))
    while (revision === null) {
      if (Date.now() - since > patienceMs) throw lost('did not get')
      await wait(askAgainMs)
      revision = await unlessMet(() => kv.create(key, ''))
    }
    let last = revision
    const keepTurn = async () => {
      const next = await unlessMet(() => kv.update(key, '', last))
      if (next === null) throw lost('lost')
      last = next
    }
    try {
      return await work(keepTurn)
    } finally {
      // Otherwise the server forgets it.
      await remove(key, last).catch(() => undefined)
    }
  }

const lost = (how: string): Failure =>
  new Failure('streams_unavailable', `This process ${how} its turn to look after the stream: start it again.`)
