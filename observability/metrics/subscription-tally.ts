import type { Delivery } from '../../src/domain/delivery.ts'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { createBounded, other } from './bounded.ts'
import { whenCollected } from './reads.ts'

/** An answer that took so long is trouble too: what comes after it waits. */
const slowMs = 1_000
const calmMs = 60_000

interface Tally {
  tenant: string
  delivered: number
  failed: number
  tookMs: number
  /** Of its last attempt that failed or was slow; ms since the epoch. */
  troubledAt: number
}

/** Counts each subscription's attempts, and remembers which receivers are in trouble; read when somebody collects. */
export const createSubscriptionTally = () => {
  const subscriptions = createBounded((): Tally => ({
    tenant: other,
    delivered: 0,
    failed: 0,
    tookMs: 0,
    troubledAt: 0,
  }))
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
    /** Whether its receiver was well since a minute before this moment. Of `other` ones together, which errs on the side of trouble. */
    wasHealthy: ({ subscriptionId, createdAt }: Delivery): boolean =>
      subscriptions.of(subscriptionId).troubledAt < createdAt - calmMs,
    attempted: ({ subscriptionId, tenant }: Delivery, good: boolean, tookMs: number, now: number): void => {
      const tally = subscriptions.of(subscriptionId)
      if (tally.tenant === other && tally.delivered + tally.failed === 0) tally.tenant = tenant
      tally[good ? 'delivered' : 'failed'] += 1
      tally.tookMs += tookMs
      if (!good || tookMs >= slowMs) tally.troubledAt = now
    },
  }
}
