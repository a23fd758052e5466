import type { ChangeStream, ChangeStreamDocument } from 'mongodb'
import type { Log } from '../../observability/log.ts'
import { Failure } from '../domain/failure.ts'
import type { SubscriptionChange } from '../domain/subscription.ts'
import { failureOfLedger } from './faults.ts'
import { openChanges } from './open-changes.ts'
import { readChange } from './subscriptions.ts'

export interface FollowPorts {
  readonly watch: () => ChangeStream
  /** Reads everything as it is now. */
  readonly readAll: () => Promise<void>
  readonly apply: (change: SubscriptionChange) => void
  /** Called at each answer of the server from which on nothing is missing. */
  readonly heard: () => void
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly wait: (ms: number, value: undefined, options: AbortController) => Promise<unknown>
  readonly monotonicMs: () => number
}

const retryDelayMs = 500
/** A stream whose server has said nothing for this long is opened again: its connection may hang. */
export const silentAfterMs = 15_000
const lookEveryMs = 1_000

type Changes = AsyncGenerator<ChangeStreamDocument>

/**
 * Follows all subscriptions until it is stopped. An interruption that cannot be resumed, or a server that says nothing, makes it begin again: it
 * listens first and then reads everything, until both have succeeded, so that no change is missed in between.
 */
export const followSubscriptions = async (ports: FollowPorts): Promise<{ stop(): Promise<void> }> => {
  const { log, wait, monotonicMs } = ports
  const stopping = new AbortController()
  let stream: ChangeStream | undefined
  let signAt = monotonicMs()
  let interruptedAt: number | null = null
  let silence = Promise.withResolvers<never>()

  /** Rejects once the server has said nothing for too long, whatever the driver is waiting for. */
  const unlessSilent = <T>(work: Promise<T>): Promise<T> => Promise.race([work, silence.promise])
  const sign = () => (signAt = monotonicMs())

  const begin = async (): Promise<Changes> => {
    sign()
    silence = Promise.withResolvers()
    silence.promise.catch(() => undefined)
    const opened = (stream = ports.watch())
    const changes = await unlessSilent(openChanges(opened))
    await unlessSilent(ports.readAll())
    const hear = () => {
      sign()
      ports.heard()
    }
    hear()
    opened.on('resumeTokenChanged', () => opened === stream && hear())
    return changes
  }

  const applyAll = async (changes: Changes) => {
    for (;;) {
      const { done, value } = await unlessSilent(changes.next())
      if (done === true) return
      const change = readChange(value)
      if (change !== null) ports.apply(change)
    }
  }

  const follow = async (first: Changes) => {
    let changes: Changes | null = first
    while (!stopping.signal.aborted) {
      try {
        changes ??= await begin()
        if (interruptedAt !== null)
          log.info({ tookMs: Math.round(monotonicMs() - interruptedAt) }, 'subscriptions are current again')
        interruptedAt = null
        await applyAll(changes)
      } catch (error) {
        if (stopping.signal.aborted) return
        interruptedAt ??= monotonicMs()
        const remedy = 'check that mongod has a primary; Doorbell reads all subscriptions again'
        log.warn({ err: error, remedy }, 'subscription changes interrupted')
      }
      changes = null
      // A connection that hangs does not answer the request that ends its stream.
      void stream?.close().catch(() => undefined)
      await wait(retryDelayMs, undefined, stopping).catch(() => undefined)
    }
  }

  let silentLooks = 0
  const looking = setInterval(() => {
    silentLooks = monotonicMs() - signAt > silentAfterMs ? silentLooks + 1 : 0
    // A process that was stopped or busy itself reads what has arrived before the second look.
    if (silentLooks > 1) silence.reject(silent())
  }, lookEveryMs)
  try {
    void follow(await begin())
  } catch (error) {
    clearInterval(looking)
    void stream?.close().catch(() => undefined)
    throw failureOfLedger(error)
  }
  return {
    stop: async () => {
      stopping.abort()
      clearInterval(looking)
      // `follow` ends with its request, which the server may hold for a second more: nothing depends on it.
      await stream?.close()
    },
  }
}

const silent = () =>
  new Failure('ledger_unavailable', 'The delivery log cannot be reached. Retry the request.', {
    internal: `the change stream of subscriptions was silent for ${silentAfterMs / 1_000} s`,
  })
