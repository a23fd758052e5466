import { attributes as a, metricShapes as shapes } from '../names.ts'
import { createBounded } from './bounded.ts'
import { whenCollected } from './reads.ts'

export type PublishResult = 'accepted' | 'duplicate' | 'failed'

/** Counts each tenant's events; read when somebody collects. */
export const createTenantTally = () => {
  const tenants = createBounded(tenant => ({
    accepted: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'accepted' } },
    duplicate: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'duplicate' } },
    failed: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'failed' } },
  }))
  whenCollected(observe => {
    for (const [, tally] of tenants.entries())
      for (const { count, labels } of Object.values(tally)) if (count > 0) observe(shapes.tenantEvents, count, labels)
  })
  return { sent: (tenant: string, result: PublishResult): void => void (tenants.of(tenant)[result].count += 1) }
}
