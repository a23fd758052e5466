import { setTimeout as delay } from 'node:timers/promises'
import { jetstream, type StoredMsg } from '@nats-io/jetstream'
import type { StreamAccess } from '../access.ts'
import { closedMapping } from '../mapping.ts'
import { isTaken, orMissing } from '../missing.ts'
import { headerNames, publishSubject, readSubject } from '../names.ts'
import { streamConfig, type StreamOptions } from '../stream-config.ts'
import { continueAfter, type Progress } from './progress.ts'

const batch = 256
const pollMs = 50

/** Holds the messages of a stream while it is created again with higher numbers. */
const holdingStream = (stream: string): string => `${stream}_RENUMBERED`

/**
 * Gives a stream that was created by other means the numbers that follow the lost one's. Events that it has accepted since are kept in a second
 * stream until they are published again: a process that dies in between leaves them there, and the next check continues.
 */
export const renumber = async (
  access: StreamAccess,
  options: StreamOptions,
  { highest }: Progress,
  wait: (ms: number) => Promise<unknown> = delay,
): Promise<boolean> => {
  const { manager, names } = access
  const { state } = await manager.streams.info(names.stream)
  const isLower = highest !== null && state.last_seq < highest.sequence
  if (isLower) {
    if (state.messages > 0) await hold(access, wait)
    await orMissing(manager.streams.delete(names.stream))
    await createStream(access, options, { highest, processed: new Map() })
  }
  await publishHeld(access)
  return isLower
}

/** Creates the stream, behind the numbers of one that was lost. Returns false when another process was first. */
export const createStream = async (
  { manager, names }: StreamAccess,
  options: StreamOptions,
  { highest }: Progress,
): Promise<boolean> => {
  const { now = () => Date.now() } = options
  const first = highest === null ? {} : { first_seq: continueAfter(highest, now()) }
  try {
    await manager.streams.add({ ...streamConfig(names, options), ...first })
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}

/** Copies all messages; the stream accepts none while that is done. */
const hold = async ({ manager, names }: StreamAccess, wait: (ms: number) => Promise<unknown>): Promise<void> => {
  const name = holdingStream(names.stream)
  await manager.streams.update(names.stream, closedMapping(names))
  const { num_replicas } = (await manager.streams.info(names.stream)).config
  if ((await orMissing(manager.streams.info(name))) === null)
    await manager.streams.add({ name, sources: [{ name: names.stream }], num_replicas, allow_direct: true })
  const complete = async () => {
    const { state } = await manager.streams.info(names.stream)
    return (await manager.streams.info(name)).state.messages >= state.messages
  }
  while (!(await complete())) await wait(pollMs)
  await manager.streams.update(name, { sources: [] })
}

/** The stream drops what is published twice, by the message id. */
const publishHeld = async ({ connection, manager, names }: StreamAccess): Promise<void> => {
  const name = holdingStream(names.stream)
  for (;;) {
    const held = await orMissing(manager.streams.info(name))
    if (held === null) return
    if (held.state.messages === 0) return void (await orMissing(manager.streams.delete(name)))
    const client = jetstream(connection)
    const messages: StoredMsg[] = []
    const query = { seq: held.state.first_seq, batch }
    for await (const message of await manager.direct.getBatch(name, query)) messages.push(message)
    for (const { subject, data, header } of messages) {
      const { tenant, type } = readSubject(subject)
      for (const key of header.keys()) if (!kept.includes(key)) header.delete(key)
      await client.publish(publishSubject(names, tenant, type), data, { headers: header })
    }
    const last = messages.at(-1)
    if (last === undefined) throw new Error('the held messages cannot be read')
    await manager.streams.purge(name, { seq: last.seq + 1 })
  }
}

const kept: readonly string[] = Object.values(headerNames)
