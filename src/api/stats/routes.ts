import { minuteMs, summarize } from '../../domain/activity.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { statsOperations } from './operations.ts'

const hourMs = 60 * minuteMs

/** How the last hour was, for each subscription and minute in which something was tried. */
export const statsRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(statsOperations.get, async (context, { tenant, query: { subscriptionId } }) => {
    const to = deps.now()
    const from = Math.floor((to - hourMs) / minuteMs) * minuteMs
    const minutes = await deps.activity.since(tenant, from, subscriptionId)
    const bySubscription = Object.entries(Object.groupBy(minutes, minute => minute.subscriptionId))
    context.body = {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      items: bySubscription.map(([id, own = []]) => ({
        subscriptionId: id,
        ...summarize(own),
        buckets: own.map(minute => ({ at: new Date(minute.at).toISOString(), ...summarize([minute]) })),
      })),
    }
  })
}
