import { concat, defer, EMPTY, from, mergeMap, type Observable } from 'rxjs'
import { isControl } from '../../src/domain/control-message.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'
import { patiently, type Patience } from '../kit/patiently.ts'

/** What keeps a tenant's events behind the changes of its subscriptions. */
export interface ChangePorts {
  /** True if this process knows the change that this control message reports, or if it reports none. */
  readonly knows: (message: VisitMessage) => boolean
  /** Reads the tenant's subscriptions as they are stored now. */
  readonly refresh: (tenant: string) => Promise<void>
  readonly patience: Patience
  /** Ends a control message. */
  readonly end: (message: VisitMessage) => void
}

export interface OrderOfChanges {
  /** True for an event that nothing holds back, which is nearly every message. */
  passes(message: VisitMessage): boolean
  /** Takes any other message. Emits the events that may pass, in their order, and completes when the tenant waits no longer. */
  hold(message: VisitMessage): Observable<VisitMessage>
}

/**
 * A change of a subscription counts for the events behind its control message. Until this process knows the change, the tenant's messages
 * wait here in their order, and the messages of other tenants pass. A read that begins after a control message has arrived shows the
 * change, since the change was stored first; so whatever the message names, the wait ends with one answer of the ledger.
 */
export const createOrderOfChanges = ({ knows, refresh, patience, end }: ChangePorts): OrderOfChanges => {
  const waiting = new Map<string, VisitMessage[]>()
  const isNews = (message: VisitMessage) => isControl(message.type) && !knows(message)

  const release = (tenant: string, queue: VisitMessage[], count: number): Observable<VisitMessage> => {
    const released = queue.splice(0, count)
    if (queue.length === 0) waiting.delete(tenant)
    for (const message of released) if (isControl(message.type)) end(message)
    const events = released.filter(({ type }) => !isControl(type))
    return queue.length === 0 ? from(events) : concat(events, follow(tenant, queue))
  }

  const follow = (tenant: string, queue: VisitMessage[]): Observable<VisitMessage> =>
    defer(() => {
      // What arrives during the read may report a change that the read does not show.
      const shown = queue.length
      return patiently(patience, () => refresh(tenant)).pipe(
        mergeMap(() => {
          const next = queue.findIndex((message, index) => index >= shown && isNews(message))
          return release(tenant, queue, next === -1 ? queue.length : next)
        }),
      )
    })

  return {
    passes: ({ tenant, type }) => !isControl(type) && !waiting.has(tenant),
    hold: message => {
      const { tenant } = message
      const queue = waiting.get(tenant)
      if (queue !== undefined) {
        queue.push(message)
        return EMPTY
      }
      const started = [message]
      if (!isNews(message)) return release(tenant, started, 1)
      waiting.set(tenant, started)
      return follow(tenant, started)
    },
  }
}
