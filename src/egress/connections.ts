import { type buildConnector, type Dispatcher, Pool } from 'undici'
import { poolOptions } from './http-options.ts'

export interface ConnectionsOptions {
  /** A new connector has no TLS session, so its first connection verifies the certificate again. */
  readonly createConnector: () => buildConnector.connector
  /** After this time a connection takes no further request. */
  readonly maxAgeMs: number
  /** How many sockets may be open. Beyond that, idle ones are closed for new ones. */
  readonly maxSockets: number
  /** In ms from any start, never set back. */
  readonly now: () => number
  /** From 0 to 1: varies the age, so that connections that began together do not end together. */
  readonly chance?: () => number
}

export interface Connections {
  /** Does work that sends one request to this origin. */
  use<T>(origin: string, work: (dispatcher: Dispatcher) => Promise<T>): Promise<T>
  /** Sockets that are open or being opened. */
  sockets(): number
  /** Closes all connections that are not in use. */
  closeIdle(): void
  /** Cuts off what is under way. */
  close(): Promise<void>
}

/** The connections of one origin that began within one period of `maxAgeMs`. */
interface Generation {
  readonly pool: Pool
  readonly endsAt: number
  sockets: number
  /** Requests under way. */
  running: number
}

/**
 * Keeps connections for each origin. When they reach their maximum age, new requests get new connections, for which name, guard and certificate
 * are checked again; the old ones end after the request under way. So an endpoint that moves is followed, however busy it is.
 */
export const createConnections = (options: ConnectionsOptions): Connections => {
  const { createConnector, maxAgeMs, maxSockets, now, chance = Math.random } = options
  /** The least recently used first. */
  const current = new Map<string, Generation>()
  const retiring = new Set<Pool>()
  let sockets = 0

  const begin = (origin: string): Generation => {
    const connector = createConnector()
    const connect: buildConnector.connector = (target, callback) => {
      if (sockets >= maxSockets) closeLeastRecent()
      count(1)
      return connector(target, (error, socket) => {
        if (error !== null) count(-1)
        else socket.once('close', () => count(-1))
        if (error === null) callback(null, socket)
        else callback(error, null)
      })
    }
    const pool = new Pool(origin, { ...poolOptions, connect })
    const generation: Generation = { pool, endsAt: now() + maxAgeMs * (1 - chance() / 5), sockets: 0, running: 0 }
    const count = (change: 1 | -1) => {
      sockets += change
      generation.sockets += change
      endUnused(origin, generation)
    }
    return generation
  }

  /** New requests of the origin get new connections. Undici finishes the requests that the old ones have. */
  const retire = (origin: string, generation: Generation): void => {
    if (current.get(origin) === generation) current.delete(origin)
    retiring.add(generation.pool)
    void generation.pool.close().then(() => retiring.delete(generation.pool))
  }
  const endUnused = (origin: string, generation: Generation): void => {
    const unused = generation.sockets === 0 && generation.running === 0
    if (unused && current.get(origin) === generation) retire(origin, generation)
  }
  const hasIdle = ([, { sockets: open, running }]: readonly [string, Generation]) => open > running
  const closeLeastRecent = (): void => {
    const idle = current.entries().find(hasIdle)
    if (idle !== undefined) retire(...idle)
  }
  const generationOf = (origin: string): Generation => {
    const found = current.get(origin)
    if (found !== undefined && now() >= found.endsAt) retire(origin, found)
    const generation = current.get(origin) ?? begin(origin)
    current.delete(origin)
    current.set(origin, generation)
    return generation
  }

  return {
    use: async (origin, work) => {
      const generation = generationOf(origin)
      generation.running += 1
      try {
        return await work(generation.pool)
      } finally {
        generation.running -= 1
        endUnused(origin, generation)
      }
    },
    sockets: () => sockets,
    closeIdle: () => [...current].filter(hasIdle).forEach(each => retire(...each)),
    close: async () => {
      const pools = [...retiring, ...current.values().map(({ pool }) => pool)]
      current.clear()
      await Promise.all(pools.map(pool => pool.destroy()))
    },
  }
}
