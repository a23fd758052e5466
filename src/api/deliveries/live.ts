import { PassThrough } from 'node:stream'
import { filter, fromEvent, merge, takeUntil, timer } from 'rxjs'
import { principalOf } from '../operation/guard.ts'
import { showDelivery } from './routes.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { deliveryOperations } from './operations.ts'

const heartbeatMs = 15_000
/** Then the reader comes again, with a token that is looked at anew. */
const longestMs = 15 * 60_000
/** A reader that is slower than this is let go: it comes again and reads the list. */
const backlogBytes = 1024 * 1024

/** Deliveries as they change, as server-sent events (WHATWG HTML §9.2). */
export const liveRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(deliveryOperations.live, (context, { tenant, query: { subscriptionId } }) => {
    const stream = new PassThrough({ highWaterMark: backlogBytes })
    const write = (text: string) => void (stream.write(text) || stream.destroy())
    const reader = principalOf(context)?.id
    const revoked$ = deps.revokedTokens$.pipe(filter(id => id === reader))
    const over$ = merge(fromEvent(stream, 'close'), deps.stopping$, revoked$, timer(longestMs))
    const listening = deps
      .liveRows(tenant)
      .pipe(
        filter(row => subscriptionId === undefined || row.subscriptionId === subscriptionId),
        takeUntil(over$),
      )
      .subscribe({
        next: row => write(`event: delivery\ndata: ${JSON.stringify(showDelivery(row, deps.jaegerUrl))}\n\n`),
        error: () => stream.end(),
        complete: () => stream.end(),
      })
    const beating = setInterval(() => write(': still here\n\n'), heartbeatMs)
    stream.on('close', () => {
      clearInterval(beating)
      listening.unsubscribe()
    })
    context.type = 'text/event-stream'
    context.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    context.body = stream
    write(': listening\n\n')
  })
}
