import { EventEmitter } from 'node:events'
import { Query } from 'mingo'
import { MongoAPIError } from 'mongodb'
import type { Client } from './client.ts'
import type { Logged } from './database.ts'
import { historyLost } from './errors.ts'
import type { MongoServer } from './server.ts'
import type { Doc } from './values.ts'

export interface WatchOptions {
  readonly fullDocument?: string
}

interface Place {
  readonly database: string
  readonly collection: string
}

/** While nothing changes, the server holds a request for so long. */
const awaitMs = 1_000

interface Batch {
  readonly changes: readonly Doc[]
  readonly token: number
}

/**
 * A change stream as the driver has it: it continues behind the last change by itself once, when its connection is lost, and ends with the
 * error when no server is found or the server has forgotten that place.
 */
export const watch = (client: Client, place: Place, pipeline: readonly Doc[], { fullDocument }: WatchOptions) => {
  const events = new EventEmitter()
  const [{ $match = null } = {}] = pipeline as readonly { $match?: Doc | null }[]
  const isWanted = $match === null ? null : new Query($match)
  /** Null: the server has not opened it yet. */
  let token: number | null = null
  let isClosed = false
  let buffer: Doc[] = []

  const changeOf = (server: MongoServer, logged: Logged): Doc => {
    const { type: operationType, id } = logged
    const base = { _id: { _data: logged.number }, operationType, documentKey: { _id: id } }
    if (logged.type === 'delete') return base
    if (operationType !== 'update') return { ...base, fullDocument: logged.doc }
    const current = server.database(place.database).collection(place.collection).get(id)?.doc ?? null
    return fullDocument === 'updateLookup' ? { ...base, fullDocument: current } : base
  }
  const changesAfter = (server: MongoServer, from: number): Batch => {
    const database = server.database(place.database)
    const logged = database.since(from)
    if (logged === null) throw historyLost()
    const changes = logged
      .filter(each => each.collection === place.collection)
      .map(each => changeOf(server, each))
      .filter(change => isWanted === null || isWanted.test(change as Record<string, unknown>))
    return { changes, token: database.last }
  }

  /** Opens the cursor, behind the last change if there was one. */
  const open = () =>
    client.ask(
      server => {
        const from = token ?? server.database(place.database).last
        return changesAfter(server, from)
      },
      { name: 'aggregate' },
    )
  /** The server answers at the next change, or after a second. */
  const more = (from: number) =>
    client.wait<Batch>((server, answer) => {
      const now = changesAfter(server, from)
      if (now.changes.length > 0) return answer(() => now)
      const end = () => {
        unfollow()
        cancel()
        answer(() => changesAfter(server, from))
      }
      const unfollow = server.database(place.database).follow(logged => {
        if (logged.collection === place.collection && changesAfter(server, from).changes.length > 0) end()
      })
      const cancel = server.ports.after(awaitMs, end)
    })

  const keep = ({ changes, token: next }: Batch) => {
    buffer.push(...changes)
    token = next
    events.emit('resumeTokenChanged', { _data: next })
  }
  const fill = async (): Promise<void> => {
    if (token === null) return keep(await ending(open()))
    try {
      return keep(await more(token))
    } catch (error) {
      if (isClosed || !isResumable(error as Error)) throw await failed(error)
      // The driver first asks to close its cursor, and waits for a server to ask.
      await client.select().catch(() => undefined)
      await client.select().catch(async () => {
        throw await failed(error)
      })
      return keep(await ending(open()))
    }
  }
  const ending = async (opening: Promise<Batch>): Promise<Batch> => {
    try {
      return await opening
    } catch (error) {
      throw await failed(error)
    }
  }
  const failed = async (error: unknown): Promise<unknown> => {
    await close()
    return error
  }
  const close = async () => {
    if (isClosed) return
    isClosed = true
    events.emit('close')
  }
  const refuseClosed = () => {
    if (isClosed) throw new MongoAPIError('ChangeStream is closed')
  }

  return Object.assign(events, {
    tryNext: async (): Promise<Doc | null> => {
      refuseClosed()
      // As the driver does: it opens the cursor, and waits for a change as long as the server does.
      if (token === null) await fill()
      if (buffer.length === 0) await fill()
      return buffer.shift() ?? null
    },
    async *[Symbol.asyncIterator]() {
      while (!isClosed) {
        while (buffer.length > 0) yield buffer.shift()
        await fill()
      }
    },
    close,
    get closed() {
      return isClosed
    },
  })
}

const isResumable = (error: Error): boolean =>
  error.name === 'MongoNetworkError' || (error as { code?: unknown }).code === 10_107
