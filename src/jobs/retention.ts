import { dayMs, type Retention, retentionInForce } from '../domain/retention.ts'
import { partitionOf } from '../domain/partition.ts'
import type { TenantRetention } from '../ledger/retention.ts'
import type { WorkerParts } from '../service/worker-parts.ts'

/** Ends what was kept long enough, tenant by tenant. */
export interface Retainer {
  /** One tenant, now. Safe to repeat, and with another process doing the same. */
  pass(tenant: string): Promise<void>
  /** All tenants of this process's partitions. One such round at a time. */
  round(): Promise<void>
}

/** What one pass removed, for the log and the metrics. */
interface Tally {
  ended: number
  contents: number
  messages: number
  rows: number
}

type Parts = Pick<WorkerParts, 'streams' | 'ledger' | 'metrics' | 'log' | 'partitions'> & {
  readonly retention: Retention
}

/** The stream keeps events a day longer than anybody wants: the rows' content goes first, so that no row outlives its event with it. */
export const streamKeepMs = (longestPayloadDays: number): number => (longestPayloadDays + 1) * dayMs

const tenantsAtOnce = 200

export const createRetainer = (
  parts: Parts,
  isOurs: (tenant: string) => boolean,
  wake: (subscriptionId: string) => void,
  now: () => number = () => Date.now(),
): Retainer => {
  const { ledger, streams, log, metrics } = parts

  const passOf = async (tenant: TenantRetention): Promise<void> => {
    const { payloadDays, logDays } = retentionInForce(tenant.own, parts.retention)
    if (payloadDays > parts.retention.payloadDays) await streams.keepFor(streamKeepMs(payloadDays))
    const payloadEnd = now() - payloadDays * dayMs
    const tally: Tally = { ended: 0, contents: 0, messages: 0, rows: 0 }
    for (let more = true; more && isOurs(tenant.tenant);) {
      const removed = await ledger.retention.removeContent(tenant, payloadEnd, now())
      tally.contents += removed.contents
      for (const [subscriptionId, count] of removed.ended) {
        tally.ended += count
        metrics.ended('dead', 'content_expired', count)
        // Its supervisor may have them in hand, and the next of their visits may go.
        wake(subscriptionId)
      }
      more = removed.more
    }
    tally.messages = await streams.purgeBefore(tenant.tenant, partitionOf(tenant.tenant, parts.partitions), payloadEnd)
    await ledger.retention.contentRemoved(tenant.tenant, payloadEnd)
    const logEnd = now() - logDays * dayMs
    for (let more = true; more && isOurs(tenant.tenant);) {
      const removed = await ledger.retention.removeRows(tenant.tenant, logEnd)
      tally.rows += removed.removed
      more = removed.more
    }
    await ledger.unmatched.removeBefore(tenant.tenant, logEnd)
    tell(tenant.tenant, tally)
  }

  const tell = (tenant: string, tally: Tally): void => {
    for (const [what, count] of Object.entries(tally)) if (count > 0) metrics.retained(what as keyof Tally, count)
    if (Object.values(tally).some(count => count > 0))
      log.info({ tenant, ...tally }, 'retention: what was kept long enough is gone')
  }

  /** Messages set aside may name tenants that do not exist. */
  const removeAside = async (): Promise<void> => {
    for (const tenant of await ledger.aside.tenants()) {
      const own = (await ledger.retention.get(tenant))?.own ?? {}
      const { payloadDays } = retentionInForce(own, parts.retention)
      await ledger.aside.removeBefore(tenant, now() - payloadDays * dayMs)
    }
  }

  const allTenants = async (): Promise<void> => {
    let after = ''
    for (;;) {
      const page = await ledger.retention.list(after, tenantsAtOnce)
      const last = page.at(-1)
      if (last === undefined) return removeAside()
      after = last.tenant
      for (const tenant of page) if (isOurs(tenant.tenant)) await passOf(tenant)
    }
  }

  let underWay: Promise<void> | null = null
  return {
    pass: async tenant => {
      const found = await ledger.retention.get(tenant)
      if (found !== null) await passOf(found)
    },
    round: () => (underWay ??= allTenants().finally(() => (underWay = null))),
  }
}
