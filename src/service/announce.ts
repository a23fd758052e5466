import { createHash } from 'node:crypto'
import type { Log } from '../../observability/log.ts'
import type { VisitEvent } from '../domain/event.ts'
import type { Announcement } from '../domain/operational.ts'
import { matches } from '../domain/subscription.ts'
import type { Directory } from '../ledger/directory.ts'

interface Parts {
  readonly directory: Pick<Directory, 'ofTenant'>
  readonly accept: (event: VisitEvent) => Promise<unknown>
  readonly log: Pick<Log, 'info'>
}

/** Publishes an operational event like any event of the tenant, if one of its subscriptions wants it. */
export const announce =
  ({ directory, accept, log }: Parts) =>
  async (announcement: Announcement): Promise<void> => {
    const { type, tenant, subscriptionId } = announcement
    log.info({ tenant, subscriptionId, type }, 'operational event for the tenant')
    const event = eventOf(announcement)
    if (directory.ofTenant(tenant).some(subscription => matches(subscription, event))) await accept(event)
  }

/** The id is made from the key, so that a repeated announcement is a duplicate. */
const eventOf = ({ type, tenant, subscriptionId, key, at, data }: Announcement): VisitEvent => ({
  id: `op_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`,
  type,
  timestamp: new Date(at).toISOString(),
  tenant,
  visitId: typeof data['visitId'] === 'string' ? data['visitId'] : subscriptionId,
  data,
})
