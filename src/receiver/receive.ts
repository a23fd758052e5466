import { FailedPart, failureOf, logFailure, type ReceiverFailure, replyTo } from './failure.ts'
import { done, json, problem, type Reply } from './reply.ts'
import type { SeenIds } from './seen-ids.ts'
import type { HeaderSource, Verifier } from './verifier.ts'
import type { WebhookEvent } from './webhook-event.ts'

export interface ReceiverOptions {
  readonly verifier: Verifier
  /** Processes an event. If it throws, the receiver answers 500 and Doorbell retries later. It should take seconds at most: queue what takes longer. */
  readonly onEvent: (event: WebhookEvent) => void | Promise<void>
  /** Remembers processed events: one that arrives again is answered and not processed a second time. */
  readonly seen?: SeenIds
  /** Receives the error of every request that was rejected or failed, with the code of the reply. Default: writes it to the console. */
  readonly onError?: (error: unknown, failure: ReceiverFailure) => void
}

/** Reads the raw bytes of a request. Throws VerificationError. */
type ReadBody = () => Promise<Uint8Array>

export interface Receive {
  /** Verifies one webhook, processes it, and resolves to the reply. It never rejects. */
  (headers: HeaderSource, readBody: ReadBody): Promise<Reply>
  /** Reports that a reply could not be written. */
  readonly notSent: (error: unknown) => void
}

/** Returns the function that the adapters for Node, Koa, Express and fetch share. Throws RangeError if an option is missing or of another kind. */
export const createReceive = (options: ReceiverOptions): Receive => {
  checkOptions(options)
  const { verifier, onEvent, seen } = options
  const report = reporter(options.onError ?? logFailure)
  /** The events that are being processed. An attempt whose reply Doorbell no longer awaits may still be running. */
  const inProgress = new Set<string>()

  const processOnce = async (event: WebhookEvent): Promise<Reply> => {
    if (seen === undefined) return processed(event)
    if (inProgress.has(event.id))
      return problem(503, 'in_progress', 'An earlier attempt of this event is still being processed.')
    inProgress.add(event.id)
    try {
      // A person asked for the replay, so its event is processed again.
      const isSeen = event.replay !== true && (await part('seen_failed', event, () => seen.has(event.id)))
      if (isSeen) return done
      const reply = await processed(event)
      await part('seen_failed', event, () => seen.add(event.id))
      return reply
    } finally {
      inProgress.delete(event.id)
    }
  }
  const processed = async (event: WebhookEvent): Promise<Reply> => {
    await part('handler_failed', event, () => onEvent(event))
    return done
  }

  const receive = async (headers: HeaderSource, readBody: ReadBody): Promise<Reply> => {
    try {
      const event = await verifier.verify(headers, await readBody())
      if (event.challenge !== undefined) return json(200, { challenge: event.challenge })
      return await processOnce(event)
    } catch (error) {
      const { failure, reported } = failureOf(error)
      report(reported, failure)
      return replyTo(error)
    }
  }
  return Object.assign(receive, { notSent: (error: unknown) => report(error, { code: 'reply_failed' }) })
}

/** Calls one of the caller's functions; its error says whose it is. */
const part = async <T>(code: 'handler_failed' | 'seen_failed', { id }: WebhookEvent, call: () => T | Promise<T>) => {
  try {
    return await call()
  } catch (error) {
    throw new FailedPart(code, id, error)
  }
}

/** An exception in the caller's `onError`, which may be asynchronous all the same, must not end the process or change the reply. */
const reporter =
  (onError: NonNullable<ReceiverOptions['onError']>) =>
  (reported: unknown, failure: ReceiverFailure): void =>
    void call(onError, reported, failure).catch((another: unknown) => console.error('onError failed:', another))

const call = async (
  onError: (error: unknown, failure: ReceiverFailure) => unknown,
  ...all: [unknown, ReceiverFailure]
) => onError(...all)

/** Checks the options at the start rather than at the first webhook. */
const checkOptions = ({ verifier, onEvent, seen, onError }: Partial<ReceiverOptions> = {}): void => {
  if (typeof verifier?.verify !== 'function')
    throw new RangeError('verifier is missing: set it to createVerifier({ issuer, subscriptionId }).')
  if (typeof onEvent !== 'function')
    throw new RangeError('onEvent is missing: set it to the function that processes an event.')
  if (seen !== undefined && (typeof seen.has !== 'function' || typeof seen.add !== 'function'))
    throw new RangeError('seen must have the functions has and add: use createSeenIds(), or your own.')
  if (onError !== undefined && typeof onError !== 'function') throw new RangeError('onError must be a function.')
}
