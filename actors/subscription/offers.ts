import type { Delivery } from '../../src/domain/delivery.ts'
import type { OfferListener } from './performers.ts'
import type { OfferResult } from './protocol.ts'

/** The deliveries of one subscription that partitions offered. Each resolves when its row is durable or it is handed back. */
export interface Offers extends OfferListener {
  /** Returns the result of a delivery that is under way already, so that a message that was published twice is sent once. */
  underWay(deliveryId: string): Promise<OfferResult> | undefined
  open(delivery: Delivery): Promise<OfferResult>
  /** Called when the actor takes the offer from its mailbox: a restart must begin with it. */
  received(deliveryId: string): void
  /** Returns the received deliveries that are not settled, in the order of their offers. */
  inHand(): readonly Delivery[]
  /** Hands back every delivery that is not settled, because the actor has ended. */
  handBackAll(): void
}

interface Waiting {
  readonly delivery: Delivery
  readonly result: Promise<OfferResult>
  readonly resolve: (result: OfferResult) => void
  readonly reject: (error: unknown) => void
  received: boolean
}

export const createOffers = (): Offers => {
  const waiting = new Map<string, Waiting>()
  const settle = (deliveryId: string, result: OfferResult) => {
    waiting.get(deliveryId)?.resolve(result)
    waiting.delete(deliveryId)
  }
  return {
    underWay: deliveryId => waiting.get(deliveryId)?.result,
    open: delivery => {
      const { promise, resolve, reject } = Promise.withResolvers<OfferResult>()
      waiting.set(delivery.id, { delivery, result: promise, resolve, reject, received: false })
      return promise
    },
    received: deliveryId => {
      const entry = waiting.get(deliveryId)
      if (entry !== undefined) entry.received = true
    },
    inHand: () => [...waiting.values()].filter(({ received }) => received).map(({ delivery }) => delivery),
    recorded: deliveryId => settle(deliveryId, 'recorded'),
    handedBack: deliveryId => settle(deliveryId, 'handed_back'),
    refused: (deliveryId, error) => {
      const entry = waiting.get(deliveryId)
      entry?.reject(error)
      return waiting.delete(deliveryId)
    },
    handBackAll: () => [...waiting.keys()].forEach(id => settle(id, 'handed_back')),
  }
}
