import type { OfferListener } from './performers.ts'
import type { OfferResult } from './protocol.ts'

/** Deliveries of one subscription that partitions offered and wait for: resolved when the row is durable or the work came back. */
export interface Offers extends OfferListener {
  /** What became of a delivery that is under way already: a message that was published twice must not be sent twice. */
  underWay(deliveryId: string): Promise<OfferResult> | undefined
  open(deliveryId: string): Promise<OfferResult>
  /** Gives everything back that is not settled: after a restart, since the failed state held it. */
  handBackAll(): void
}

export const createOffers = (): Offers => {
  const waiting = new Map<string, { result: Promise<OfferResult>; resolve: (result: OfferResult) => void }>()
  const settle = (deliveryId: string, result: OfferResult) => {
    waiting.get(deliveryId)?.resolve(result)
    waiting.delete(deliveryId)
  }
  return {
    underWay: deliveryId => waiting.get(deliveryId)?.result,
    open: deliveryId => {
      const { promise, resolve } = Promise.withResolvers<OfferResult>()
      waiting.set(deliveryId, { result: promise, resolve })
      return promise
    },
    recorded: deliveryId => settle(deliveryId, 'recorded'),
    handedBack: deliveryId => settle(deliveryId, 'handed_back'),
    handBackAll: () => [...waiting.keys()].forEach(id => settle(id, 'handed_back')),
  }
}
