import { EventEmitter } from 'node:events'
import type { Link } from '../link.ts'
import { networkError, selectionError, serverError, timeoutError } from './errors.ts'
import { type Command, type Connection, later, type MongoServer, type Request } from './server.ts'

export interface AskOptions {
  /** The name of the command, for listeners of failures. */
  readonly name: string
  readonly writes?: boolean
  /** Whether the driver repeats it once after a network error or an election. */
  readonly repeats?: boolean
  readonly timeoutMs?: number | undefined
}

/** The driver, as far as the ledger depends on it: connections, server selection, and one repetition of what may be repeated. */
export interface Client {
  readonly server: MongoServer
  readonly events: EventEmitter
  ask<T>(command: Command<T>, options: AskOptions): Promise<T>
  /** A request that the server may keep for a while. It is not repeated. */
  wait<T>(begin: (server: MongoServer, answer: (work: () => T) => void) => void): Promise<T>
  /** Resolves when there is a primary. Rejects with the driver's error after five seconds. */
  select(): Promise<Connection>
  close(): Promise<void>
}

const selectionMs = 5_000
/** In the first moment after a loss, a command and its repetition may both meet a refused connection, before the driver has noticed. */
const unnoticedMs = 20
/** The driver's monitor looks again so soon while it waits for a server. */
const lookAgainMs = 500
/** A monitor that hears nothing takes so long to give a server up, and the commands on its connections with it. */
const silenceMs = 40_000

export const createClient = (server: MongoServer, link: Link): Client => {
  const { now, chance } = server.ports
  const { after } = link
  const events = new EventEmitter()
  let connection: Connection | null = null
  let isClosed = false
  let wasAway = false
  let lostAt = -Infinity
  const waiting = new Set<(error: Error) => void>()

  const topology = (servers: readonly string[]) => ({ servers: new Map(servers.map(type => ['model', { type }])) })
  const noticeAway = () => {
    connection = null
    wasAway = true
    lostAt = now()
    const lost = [...waiting]
    waiting.clear()
    lost.forEach(reject => reject(networkError()))
  }
  const connect = (): Connection | null => {
    if (isClosed || !server.hasPrimary) return null
    connection ??= server.accept(link, noticeAway)
    if (connection === null || !wasAway) return connection
    wasAway = false
    events.emit('topologyDescriptionChanged', {
      previousDescription: topology(['Unknown']),
      newDescription: topology(['RSPrimary']),
    })
    return connection
  }

  let cancelSilence = () => undefined as void
  const unwatch = link.watch(state => {
    cancelSilence()
    if (state !== 'silent') return
    cancelSilence = after(silenceMs, () => {
      connection?.wire.close('client')
      noticeAway()
    })
  })

  const select = () =>
    new Promise<Connection>((resolve, reject) => {
      const giveUpAt = now() + selectionMs
      const look = () => {
        const found = connect()
        if (found !== null) resolve(found)
        else if (isClosed || now() >= giveUpAt) reject(selectionError())
        else after(Math.min(lookAgainMs, giveUpAt - now()), look)
      }
      look()
    })

  const once = async <T>(request: Omit<Request<T>, 'onAnswer'>): Promise<T> => {
    const found = connection !== null && server.hasPrimary ? connection : await select()
    return new Promise<T>((resolve, reject) => {
      const settle = () => waiting.delete(reject)
      waiting.add(reject)
      found.ask<T>({
        ...request,
        onAnswer: answer => {
          settle()
          if ('value' in answer) resolve(answer.value)
          else reject(serverError(answer.refusal))
        },
      })
    })
  }

  const wait: Client['wait'] = begin =>
    once({
      writes: false,
      command: (at, answer) => {
        begin(at, answer)
        return later
      },
    })

  const ask: Client['ask'] = async (command, { name, writes = false, repeats = true, timeoutMs }) => {
    // A repetition finds the result of the first try, as by its transaction number.
    let done: { readonly value: unknown } | null = null
    const request = {
      writes,
      command: (at: MongoServer) => (done ??= { value: command(at) }).value as never,
    }
    const work = async () => {
      if (connection === null && now() < lostAt + unnoticedMs && chance() < 0.25) throw networkError()
      try {
        return await once(request)
      } catch (error) {
        if (!repeats || isClosed || !mayRepeat(error as Error)) throw error
        return once(request)
      }
    }
    try {
      return await (timeoutMs === undefined ? work() : Promise.race([work(), late(timeoutMs)]))
    } catch (error) {
      if (events.listenerCount('commandFailed') > 0) events.emit('commandFailed', { commandName: name, failure: error })
      throw error
    }
  }

  const late = (timeoutMs: number) =>
    new Promise<never>((_, reject) => void after(timeoutMs, () => reject(timeoutError(timeoutMs))))

  return {
    server,
    events,
    ask,
    wait,
    select,
    close: async () => {
      isClosed = true
      unwatch()
      cancelSilence()
      connection?.wire.close('client')
      noticeAway()
    },
  }
}

const mayRepeat = (error: Error): boolean =>
  error.name === 'MongoNetworkError' || (error as { code?: unknown }).code === 10_107
