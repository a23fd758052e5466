import { PassThrough } from 'node:stream'
import type { Context } from 'koa'
import { Refusal } from './refusal.ts'

export interface LiveMessage {
  readonly event: string
  /** The browser sends it as Last-Event-ID when it reconnects. */
  readonly id?: number
  readonly data: object
}

const heartbeatMs = 15_000
const mostListeners = 20

/** Sends server-sent events (WHATWG HTML §9.2) to the browsers that listen to a topic. */
export const createLive = () => {
  const listeners = new Map<string, Set<PassThrough>>()
  const beating = setInterval(() => {
    for (const streams of listeners.values()) for (const stream of streams) stream.write(': heartbeat\n\n')
  }, heartbeatMs)

  return {
    /** Answers with an endless stream, which starts with the messages that the browser has missed. */
    listen: (context: Context, topic: string, missed: readonly LiveMessage[] = []): void => {
      const streams = listeners.get(topic) ?? new Set()
      if (streams.size >= mostListeners) throw new Refusal(429, 'Too many pages are open. Close some of them.')
      const stream = new PassThrough()
      listeners.set(topic, streams.add(stream))
      stream.on('close', () => streams.delete(stream))
      context.type = 'text/event-stream'
      context.body = stream
      stream.write('retry: 1000\n: listening\n\n')
      for (const message of missed) stream.write(textOf(message))
    },
    publish: (topic: string, message: LiveMessage): void => {
      for (const stream of listeners.get(topic) ?? []) stream.write(textOf(message))
    },
    close: (): void => {
      clearInterval(beating)
      for (const streams of listeners.values()) for (const stream of streams) stream.end()
    },
  }
}

export type Live = ReturnType<typeof createLive>

const textOf = ({ event, id, data }: LiveMessage): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
