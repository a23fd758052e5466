import type { ExecutionContext } from 'ava'
import { Subject } from 'rxjs'
import { partition, type PartitionPorts } from '../../actors/partition/partition.ts'
import type { OfferResult } from '../../actors/subscription/protocol.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'
import { aMessage, anEvent } from './fake-messages.ts'
import { aSubscription } from './supervised-values.ts'
import { settled } from './virtual-time.ts'

type Options = Partial<Omit<PartitionPorts, 'subscriptionsOf'>> & {
  readonly subscriptions?: readonly Subscription[]
}

/**
 * A partition among fake ports. `log` lists what it did to the outside world, in order. An offer stays open until the test settles it. The
 * message with sequence 7 is the event `e7` for tenant `acme`.
 */
export const startPartition = (t: ExecutionContext, { subscriptions = [aSubscription()], ...ports }: Options = {}) => {
  const log: string[] = []
  const say = (line: string) => void log.push(line)
  const offers = new Map<string, PromiseWithResolvers<OfferResult>>()
  const messages$ = new Subject<VisitMessage>()
  const partitionPorts: PartitionPorts = {
    read: ({ sequence, tenant }): VisitEvent => anEvent(`e${sequence}`, { tenant }),
    begin: ({ sequence }) => ({
      traceparent: `trace-${sequence}`,
      identify: ({ id }) => say(`identify ${id}`),
      end: result => say(`end ${sequence} ${result}`),
    }),
    knows: () => true,
    isFresh: () => true,
    untilFresh: async () => undefined,
    refresh: async () => undefined,
    subscriptionsOf: tenant => subscriptions.filter(subscription => subscription.tenant === tenant),
    existing: async ids => (say(`look up ${ids.join()}`), new Set()),
    offer: ({ id }, delivery) => {
      if (id !== delivery.subscriptionId) throw new Error(`${delivery.id} was offered to ${id}`)
      say(`offer ${delivery.id}`)
      const offer = Promise.withResolvers<OfferResult>()
      offers.set(delivery.id, offer)
      return offer.promise
    },
    onCaughtUp: () => say('caught up'),
    keepUnmatched: async ({ event }) => say(`unmatched ${event.id}`),
    keepAside: async ({ sequence }, reason, traceparent) => say(`aside ${sequence}: ${reason} (${traceparent})`),
    patience: {
      passes: error => error === 'away',
      onWait: (error, delayMs) => say(`${String(error)} for ${delayMs} ms`),
    },
    now: () => 9_000,
    onDefect: ({ sequence }, error, traceparent) => say(`defect ${sequence}: ${String(error)} (${traceparent})`),
    window: 512,
    ...ports,
  }
  const running = messages$.pipe(partition(partitionPorts)).subscribe({
    error: error => say(`failed: ${String(error)}`),
    complete: () => say('complete'),
  })
  t.teardown(() => running.unsubscribe())
  return {
    log,
    offers,
    /** Lets messages arrive, and everything settle that can. */
    arrive: async (...messages: readonly (number | readonly [number, Partial<VisitMessage>])[]): Promise<void> => {
      for (const each of messages) {
        const [sequence, change = {}] = typeof each === 'number' ? [each] : each
        messages$.next(aMessage(sequence, say, change))
      }
      await settled()
    },
    settle: async (deliveryId: string, result: OfferResult | Error): Promise<void> => {
      if (result instanceof Error) offers.get(deliveryId)?.reject(result)
      else offers.get(deliveryId)?.resolve(result)
      await settled()
    },
    complete: () => messages$.complete(),
    unsubscribe: () => running.unsubscribe(),
    /** Returns what happened since the last call. */
    news: (): string[] => log.splice(0),
  }
}
