import { every, type ModelPorts } from '../ports.ts'
import type { Link, Wire } from '../link.ts'
import { createDatabase, type Database } from './database.ts'
import { notPrimary, outOfDisk, Refusal } from './errors.ts'
import type { Locks } from './transaction.ts'
import { at } from './values.ts'

/** What the server does with a request, once. Throws Refusal. */
export type Command<T> = (server: MongoServer) => T

/** Thrown by a command that needs a document of an open transaction: the command is tried again. */
export const busy = Symbol('busy')

export type Answer<T> = { readonly value: T } | { readonly refusal: Refusal }

export interface Request<T> {
  /** Answers by the result, or later by the second parameter (`later`). */
  readonly command: (server: MongoServer, answer: (work: () => T) => void) => T | typeof later
  /** It changes documents, so it needs a primary that takes writes. */
  readonly writes: boolean
  readonly onAnswer: (answer: Answer<T>) => void
}

/** The server keeps the request, and answers it at some time. */
export const later = Symbol('later')

/** The primary of a replica set, as its clients see it. */
export interface MongoServer {
  readonly ports: ModelPorts
  readonly locks: Locks
  database(name: string): Database
  /** Opens a connection; null while the server is down or cannot be reached. */
  accept(link: Link, onClosed: () => void): Connection | null
  readonly hasPrimary: boolean
  readonly faults: MongoFaults
}

export interface Connection {
  readonly wire: Wire
  readonly ask: <T>(request: Request<T>) => void
}

/** What the world does to the server. */
export interface MongoFaults {
  /** Every connection closes, and none can be opened until `start`. What a majority has stays. */
  stop(): void
  start(): void
  /** Another member becomes the primary after this time. */
  failover(electionMs?: number): void
  /** Every command waits this long before it is carried out. */
  slow(ms: number): void
  /** Writes are refused, because the disk is full. */
  full(isFull: boolean): void
  /** Writes wait, as with `fsyncLock` or without a majority; reads are answered. */
  lock(isLocked: boolean): void
  /** Change streams cannot continue from where they were: their clients get an error, and must begin from now. */
  forgetHistory(): void
  /** Removes what is expired now, as the server does every minute. */
  sweep(): void
  /** Ends the sweeps. */
  close(): void
}

const sweepEveryMs = 60_000
const busyRetryMs = 5

export const createServer = (ports: ModelPorts): MongoServer => {
  const databases = new Map<string, Database>()
  const connections = new Set<Wire>()
  const held: (() => void)[] = []
  let isUp = true
  let hasPrimary = true
  let [isFull, isLocked] = [false, false]
  let slowMs = 0

  const disconnectAll = () => {
    const closing = [...connections]
    connections.clear()
    closing.forEach(wire => wire.close('server'))
  }

  const carryOut = <T>(wire: Wire, request: Request<T>) => {
    if (!connections.has(wire)) return
    if (request.writes && isLocked) return void held.push(() => carryOut(wire, request))
    const send = (answer: Answer<T>) => wire.toClient(() => request.onAnswer(answer), true)
    const answer = (work: () => T | typeof later) => {
      try {
        const value = work()
        if (value !== later) send({ value: value })
      } catch (error) {
        if (error === busy) ports.after(busyRetryMs, () => carryOut(wire, request))
        else if (error instanceof Refusal) send({ refusal: error })
        else throw error
      }
    }
    answer(() => {
      if (!hasPrimary) throw notPrimary()
      if (request.writes && isFull) throw outOfDisk()
      return request.command(server, answer)
    })
  }

  const sweep = () => {
    if (!isUp || !hasPrimary || isLocked || isFull) return
    for (const database of databases.values())
      for (const name of database.names()) {
        const collection = database.collection(name)
        for (const { key, expireAfterSeconds } of collection.indexInfos() as unknown as readonly ExpiringIndex[]) {
          if (expireAfterSeconds === undefined) continue
          const [field = ''] = Object.keys(key)
          const before = ports.now() - expireAfterSeconds * 1_000
          const isExpired = (moment: unknown) => moment instanceof Date && moment.getTime() <= before
          const expired = [...collection.all()].filter(doc => isExpired(at(doc, field)))
          expired.forEach(({ _id }) => collection.remove(_id))
        }
      }
  }
  const endSweeps = every(ports, sweepEveryMs, sweep)

  const server: MongoServer = {
    ports,
    locks: new Map(),
    database: name => {
      const known = databases.get(name) ?? createDatabase(name, ports)
      databases.set(name, known)
      return known
    },
    accept: (link, onClosed) => {
      if (!isUp) return null
      const wire: Wire | null = link.open({
        ordered: false,
        onClosedAtClient: onClosed,
        onClosedAtServer: () => void (wire !== null && connections.delete(wire)),
      })
      if (wire === null) return null
      connections.add(wire)
      return {
        wire,
        ask: request =>
          wire.toServer(() => {
            if (slowMs === 0) carryOut(wire, request)
            else ports.after(slowMs, () => carryOut(wire, request))
          }),
      }
    },
    get hasPrimary() {
      return isUp && hasPrimary
    },
    faults: {
      stop: () => {
        isUp = false
        disconnectAll()
      },
      start: () => void (isUp = true),
      failover: (electionMs = 3_000) => {
        hasPrimary = false
        // What no majority has confirmed is gone with the old primary.
        held.length = 0
        disconnectAll()
        ports.after(electionMs, () => void (hasPrimary = true))
      },
      slow: ms => void (slowMs = ms),
      full: full => void (isFull = full),
      lock: locked => {
        isLocked = locked
        if (!locked) for (const write of held.splice(0)) write()
      },
      forgetHistory: () => {
        for (const database of databases.values()) database.forget()
        disconnectAll()
      },
      sweep,
      close: endSweeps,
    },
  }
  return server
}

interface ExpiringIndex {
  readonly key: object
  readonly expireAfterSeconds?: number
}
