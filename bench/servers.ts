import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type Collection, type Document, MongoClient } from 'mongodb'
import { connect } from 'nats'
import type { BenchSystem } from './system.ts'

/** Connects to the servers of a system under test, to fill them directly: a million rows through the API would take a quarter of an hour. */
export const withLedger = async <T>(
  { pids }: BenchSystem,
  work: (collection: (name: string) => Collection<Document & { _id: string }>) => Promise<T>,
): Promise<T> => {
  const port = await argument(pids.mongod, '--port')
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  try {
    return await work(name => client.db('doorbell').collection(name))
  } finally {
    await client.close()
  }
}

/** Publishes this many messages, a few hundred at a time, and waits until the workers have acknowledged all. */
export const fillStream = async (
  { pids }: BenchSystem,
  count: number,
  messageOf: (n: number) => { readonly subject: string; readonly body: string },
): Promise<void> => {
  const connection = await connect({ servers: await natsAddress(pids['nats-server']) })
  try {
    const stream = jetstream(connection)
    for (let sent = 0; sent < count; sent += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, count - sent) }, async (_, n) => {
          const { subject, body } = messageOf(sent + n)
          await stream.publish(subject, body)
        }),
      )
    const manager = await jetstreamManager(connection)
    for (;;) {
      const consumers = await manager.consumers.list('VISITS').next()
      if (consumers.every(({ num_pending, num_ack_pending }) => num_pending === 0 && num_ack_pending === 0)) return
      await wait(250)
    }
  } finally {
    await connection.close()
  }
}

const commandLine = async (pid: number): Promise<string[]> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')

const argument = async (pid: number, name: string): Promise<string> => {
  const words = await commandLine(pid)
  return words[words.indexOf(name) + 1] ?? ''
}

/** Reads the embedded server's configuration, which is JSON. */
const natsAddress = async (pid: number): Promise<string> => {
  const config = JSON.parse(await readFile(await argument(pid, '--config'), 'utf8')) as { listen: string }
  return config.listen
}
