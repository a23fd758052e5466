import { type ActivityMinute, minuteMs, summarize } from '../../domain/activity.ts'
import type { EpochMs } from '../../domain/time.ts'
import { iso } from '../http/wire.ts'
import type { Operations } from '../operation/operations.ts'
import { statsOperations } from './operations.ts'

export interface StatsDeps {
  readonly activity: { since(tenant: string, from: EpochMs, subscriptionId?: string): Promise<ActivityMinute[]> }
  readonly now: () => EpochMs
}

const hourMs = 60 * minuteMs

/** The attempts of the last hour, by subscription and minute. */
export const statsRoutes = (operations: Operations, { activity, now }: StatsDeps): void => {
  operations.add(statsOperations.get, async ({ params: { tenant }, state: { query } }) => {
    const to = now()
    const from = Math.floor((to - hourMs) / minuteMs) * minuteMs
    const minutes = await activity.since(tenant, from, query.subscriptionId)
    const bySubscription = Object.entries(Object.groupBy(minutes, ({ subscriptionId }) => subscriptionId))
    return {
      from: iso(from),
      to: iso(to),
      items: bySubscription.map(([subscriptionId, own = []]) => ({
        subscriptionId,
        ...summarize(own),
        buckets: own.map(minute => ({ at: iso(minute.at), ...summarize([minute]) })),
      })),
    }
  })
}
