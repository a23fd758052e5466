import { PassThrough } from 'node:stream'
import { filter, fromEvent, merge, type Observable, takeUntil, timer } from 'rxjs'
import type { Delivery } from '../../domain/delivery.ts'
import type { Operations } from '../operation/operations.ts'
import { deliveryOperations } from './operations.ts'
import { showDelivery } from './wire.ts'

export interface LiveDeliveryDeps {
  /** A tenant’s rows as they change. The first value says that no change from then on is missed. */
  readonly liveRows: (tenant: string) => Observable<Delivery | 'open'>
  /** Emits when the process is about to end. */
  readonly stopping$: Observable<unknown>
  /** Ids of tokens that were revoked, at this or another process. */
  readonly revokedTokens$: Observable<string>
  readonly jaegerUrl: string | null
}

export const heartbeatMs = 15_000
/** Then the reader connects again, and its token is checked again. */
const longestMs = 15 * 60_000
/** Of each side of the stream. A reader that falls further behind is disconnected: it connects again and reads the list. */
const backlogBytes = 1024 * 1024

/** Deliveries as they change, as server-sent events (WHATWG HTML §9.2). */
export const liveDeliveryRoutes = (operations: Operations, deps: LiveDeliveryDeps): void => {
  operations.add(deliveryOperations.live, context => {
    const { tenant } = context.params
    const { subscriptionId } = context.state.query
    const reader = context.state.principal.id
    const stream = new PassThrough({ highWaterMark: backlogBytes })
    const write = (text: string) => void (stream.write(text) || stream.destroy())
    const revoked$ = deps.revokedTokens$.pipe(filter(id => id === reader))
    const over$ = merge(fromEvent(stream, 'close'), deps.stopping$, revoked$, timer(longestMs))
    const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs)
    // A slow reader gets what was written before: until then the stream is ended, and not closed.
    const end = () => {
      clearInterval(heartbeat)
      stream.end()
    }
    const rows = deps
      .liveRows(tenant)
      .pipe(
        filter(row => row === 'open' || subscriptionId === undefined || row.subscriptionId === subscriptionId),
        takeUntil(over$),
      )
      .subscribe({
        next: row => write(row === 'open' ? ': listening\n\n' : deliveryEvent(showDelivery(row, deps.jaegerUrl))),
        error: end,
        complete: end,
      })
    stream.on('close', () => {
      clearInterval(heartbeat)
      rows.unsubscribe()
    })
    context.type = 'text/event-stream'
    context.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    return stream
  })
}

const deliveryEvent = (shown: object) => `event: delivery\ndata: ${JSON.stringify(shown)}\n\n`
