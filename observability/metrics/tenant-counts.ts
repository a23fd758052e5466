import { attributes as a, metricShapes as shapes } from '../names.ts'
import { createBusiestCounts } from './busiest-counts.ts'
import { counter } from './instruments.ts'
import { others } from './labels.ts'
import { onCollect } from './observed.ts'

export type PublishResult = 'accepted' | 'duplicate' | 'failed'

const foldedLabels = { [a.seriesOf]: 'tenant' }

const eventsOf = (tenant: string) => ({
  accepted: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'accepted' } },
  duplicate: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'duplicate' } },
  failed: { count: 0, labels: { [a.tenant]: tenant, [a.publishResult]: 'failed' } },
})

type Events = ReturnType<typeof eventsOf>

/** Counts the events of the 500 busiest tenants; events of the others count together. */
export const createTenantCounts = () => {
  const tenants = createBusiestCounts<Events>()
  const rest = eventsOf(others)
  const folded = counter(shapes.folded)
  folded.add(0, foldedLabels)
  const restOfAll = (): Events => {
    folded.add(1, foldedLabels)
    return rest
  }
  onCollect(observe => {
    for (const events of [...[...tenants.entries()].map(([, each]) => each), rest])
      for (const { count, labels } of Object.values(events)) if (count > 0) observe(shapes.tenantEvents, count, labels)
  })
  return {
    sent: (tenant: string, result: PublishResult): void => {
      const events = tenants.of(tenant, () => eventsOf(tenant)) ?? restOfAll()
      events[result].count += 1
    },
  }
}
