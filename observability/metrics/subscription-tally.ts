import type { Delivery } from '../../src/domain/delivery.ts'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { createBounded, other } from './bounded.ts'
import { whenCollected } from './reads.ts'

interface Tally {
  tenant: string
  delivered: number
  failed: number
  tookMs: number
}

/** Counts each subscription's attempts; read when metrics are collected. */
export const createSubscriptionTally = () => {
  const subscriptions = createBounded((): Tally => ({ tenant: other, delivered: 0, failed: 0, tookMs: 0 }))
  const labels = (id: string, { tenant }: Tally) => ({ [a.tenant]: tenant, [a.subscription]: id })
  const busy = () => [...subscriptions.entries()].filter(([, { delivered, failed }]) => delivered + failed > 0)
  whenCollected(observe => {
    for (const [id, tally] of busy()) {
      const own = labels(id, tally)
      observe(shapes.subscriptionAttempts, tally.delivered, { ...own, [a.attemptResult]: 'delivered' })
      observe(shapes.subscriptionAttempts, tally.failed, { ...own, [a.attemptResult]: 'failed' })
      observe(shapes.subscriptionAttemptTime, tally.tookMs / 1_000, own)
    }
  })
  return {
    attempted: ({ subscriptionId, tenant }: Delivery, good: boolean, tookMs: number): void => {
      const tally = subscriptions.of(subscriptionId)
      if (tally.tenant === other && tally.delivered + tally.failed === 0) tally.tenant = tenant
      tally[good ? 'delivered' : 'failed'] += 1
      tally.tookMs += tookMs
    },
  }
}
