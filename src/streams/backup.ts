import { connect, type Msg, type NatsConnection } from 'nats'
import { controlTypes } from '../domain/control-message.ts'
import { Failure } from '../domain/failure.ts'
import { readServers } from './servers.ts'

/** The server's description of a saved stream, which it needs again to restore the stream. */
export interface SavedStream {
  readonly config: object
  readonly state: object
  /** How many of its messages are events. Absent if it could not be counted. */
  readonly events?: number
}

/** Most bytes in one message: well below the server's limit of 1 MiB. */
const chunkBytes = 128 * 1_024
const timeoutMs = 60_000

/**
 * Saves a stream with its consumers as they are now, through JetStream's snapshot API, while the server continues to accept messages.
 * `write` receives the archive's bytes in order. Returns null when there is no such stream.
 */
export const saveStream = (
  url: string,
  stream: string,
  write: (chunk: Uint8Array) => Promise<unknown>,
): Promise<SavedStream | null> =>
  connected(url, async connection => {
    const inbox = `_INBOX.doorbell-backup-${crypto.randomUUID()}`
    const chunks = connection.subscribe(inbox)
    const answer = await request(connection, `SNAPSHOT.${stream}`, { deliver_subject: inbox, chunk_size: chunkBytes })
    if (answer.error !== undefined) {
      if (answer.error.err_code === streamNotFound) return null
      throw refused(answer.error.description)
    }
    for await (const chunk of chunks) {
      const status = chunk.headers?.code ?? 0
      if (status >= 400) throw refused(chunk.headers?.description ?? String(status))
      // An empty chunk ends the archive.
      if (chunk.data.length === 0) break
      await write(chunk.data)
      // The server sends the next chunks only after it learns that this one is safe.
      chunk.respond()
    }
    const { config = {}, state = {} } = answer
    const ofDoorbell = await controlMessages(connection, stream).catch(() => null)
    return { config, state, ...(ofDoorbell !== null && { events: (state.messages ?? 0) - ofDoorbell }) }
  })

/** Restores a stream that does not exist. Throws Failure `conflict` when it does. */
export const restoreStream = (
  url: string,
  stream: string,
  { config, state }: SavedStream,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> =>
  connected(url, async connection => {
    const answer = await request(connection, `RESTORE.${stream}`, { config, state })
    if (answer.error !== undefined || answer.deliver_subject === undefined)
      throw refused(answer.error?.description ?? 'the server names no subject to restore to')
    const send = async (chunk: Uint8Array) => {
      const reply = await connection.request(answer.deliver_subject ?? '', chunk, { timeout: timeoutMs })
      const error = errorOf(reply)
      if (error !== null) throw refused(error)
    }
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += chunkBytes) await send(chunk.subarray(at, at + chunkBytes))
    await send(new Uint8Array())
  })

const streamNotFound = 10_059

interface ApiAnswer {
  readonly error?: { readonly err_code: number; readonly description: string }
  readonly config?: object
  readonly state?: { readonly messages?: number; readonly subjects?: Readonly<Record<string, number>> }
  readonly deliver_subject?: string
}

const request = async (connection: NatsConnection, subject: string, body: object): Promise<ApiAnswer> => {
  const answer = await connection.request(`$JS.API.STREAM.${subject}`, JSON.stringify(body), { timeout: timeoutMs })
  return answer.json<ApiAnswer>()
}

/** The number of Doorbell's own messages, whose subjects are `<root>.<partition>.<tenant>.doorbell.…`. */
const controlMessages = async (connection: NatsConnection, stream: string): Promise<number> => {
  const { state } = await request(connection, `INFO.${stream}`, { subjects_filter: `*.*.*.${controlTypes}` })
  return Object.values(state?.subjects ?? {}).reduce((sum, count) => sum + count, 0)
}

const errorOf = (reply: Msg): string | null =>
  reply.data.length === 0 ? null : (reply.json<ApiAnswer>().error?.description ?? null)

export const refused = (why: string): Failure =>
  new Failure('conflict', `NATS refused: ${why}. A stream can only be restored where no stream of its name exists.`)

export const connected = async <T>(url: string, work: (connection: NatsConnection) => Promise<T>): Promise<T> => {
  const connection = await connect({ ...readServers(url), name: 'doorbell backup' })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}
