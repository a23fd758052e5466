import type { Delivery } from '../../src/domain/delivery.ts'
import type { OfferListener } from './performers.ts'
import type { OfferResult } from './protocol.ts'

/** Deliveries of one subscription that partitions offered and wait for: resolved when the row is durable or the work came back. */
export interface Offers extends OfferListener {
  /** What became of a delivery that is under way already: a message that was published twice must not be sent twice. */
  underWay(deliveryId: string): Promise<OfferResult> | undefined
  open(delivery: Delivery): Promise<OfferResult>
  /** The actor has taken it out of its mailbox: a restart must begin with it. */
  heard(deliveryId: string): void
  /** What the actor had in its hands, in the order of offering. */
  inHand(): readonly Delivery[]
  /** Gives everything back that is not settled: the actor has ended. */
  handBackAll(): void
}

interface Waiting {
  readonly delivery: Delivery
  readonly result: Promise<OfferResult>
  readonly resolve: (result: OfferResult) => void
  heard: boolean
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
      const { promise, resolve } = Promise.withResolvers<OfferResult>()
      waiting.set(delivery.id, { delivery, result: promise, resolve, heard: false })
      return promise
    },
    heard: deliveryId => {
      const entry = waiting.get(deliveryId)
      if (entry !== undefined) entry.heard = true
    },
    inHand: () => [...waiting.values()].filter(({ heard }) => heard).map(({ delivery }) => delivery),
    recorded: deliveryId => settle(deliveryId, 'recorded'),
    handedBack: deliveryId => settle(deliveryId, 'handed_back'),
    handBackAll: () => [...waiting.keys()].forEach(id => settle(id, 'handed_back')),
  }
}
