import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ofTenant, refused, send } from './client.ts'
import type { Delivery } from './shapes.ts'

const firstWaitMs = 1_000
const longestWaitMs = 30_000

interface Listening {
  /** Follows the deliveries of this subscription only. */
  readonly subscriptionId?: string | undefined
  readonly signal: AbortSignal
  readonly onDelivery: (delivery: Delivery) => void
  /** False while the stream is interrupted: what is shown may be out of date. */
  readonly onState?: (isLive: boolean) => void
}

/**
 * Follows deliveries as they change until `signal` ends it, and reconnects after an interruption. The stream does not repeat what changed in between: read
 * the list again when `onState` reports that the stream is open again. (EventSource cannot send a bearer token.)
 */
export const followDeliveries = async ({ subscriptionId, signal, onDelivery, onState }: Listening): Promise<void> => {
  let waitMs = firstWaitMs
  while (!signal.aborted) {
    try {
      await listen({ subscriptionId, signal }, onDelivery, () => {
        waitMs = firstWaitMs
        onState?.(true)
      })
    } catch {
      // The list shows the problem when it is read again.
    }
    if (signal.aborted) return
    onState?.(false)
    await wait(waitMs, signal)
    waitMs = Math.min(waitMs * 2, longestWaitMs)
  }
}

const listen = async (
  { subscriptionId, signal }: Pick<Listening, 'subscriptionId' | 'signal'>,
  onDelivery: (delivery: Delivery) => void,
  onOpen: () => void,
): Promise<void> => {
  const response = await send(ofTenant('/deliveries/live'), { query: { subscriptionId }, signal })
  if (!response.ok || response.body === null) throw refused(response.status, await response.text(), {})
  onOpen()
  const events = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  for (;;) {
    const { done, value } = await events.read()
    if (done) return
    if (value.event === 'delivery') onDelivery(JSON.parse(value.data) as Delivery)
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
