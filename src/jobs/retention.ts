import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { partitionOf } from '../domain/partition.ts'
import { type Retention, retentionInForce } from '../domain/retention.ts'
import { dayMs } from '../domain/time.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { TenantRetention } from '../ledger/retention.ts'
import type { Streams } from '../streams/connect.ts'

/** Removes what was kept long enough, tenant by tenant. */
export interface Retainer {
  /** One tenant, now. It can be repeated, also by another process at the same time. */
  pass(tenant: string): Promise<void>
  /** All tenants of this process. A call during a round waits for that round. */
  round(): Promise<void>
}

export interface RetentionParts {
  readonly streams: Pick<Streams, 'keepFor' | 'purgeBefore'>
  readonly ledger: Pick<Ledger, 'retention' | 'unmatched' | 'aside'>
  readonly metrics: Pick<DoorbellMetrics, 'ended' | 'retained'>
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly partitions: number
  /** For tenants that set nothing of their own. */
  readonly retention: Retention
  readonly owns: (tenant: string) => boolean
  readonly wake: (subscriptionId: string) => void
  readonly now: () => number
}

/** What one pass removed. */
interface Tally {
  readonly ended: number
  readonly contents: number
  readonly messages: number
  readonly rows: number
}

/** How long the stream keeps events: a day longer than the rows keep their content, so that no row with content outlives its event. */
export const streamKeepMs = (longestPayloadDays: number): number => (longestPayloadDays + 1) * dayMs

const tenantsAtOnce = 200

export const createRetainer = (parts: RetentionParts): Retainer => {
  const { ledger } = parts
  let underWay: Promise<void> | null = null
  return {
    pass: async tenant => {
      const found = await ledger.retention.get(tenant)
      if (found !== null) await passOf(parts, found)
    },
    round: () => (underWay ??= allTenants(parts).finally(() => (underWay = null))),
  }
}

const passOf = async (parts: RetentionParts, tenant: TenantRetention): Promise<void> => {
  const { ledger, streams, partitions } = parts
  const { payloadDays, logDays } = retentionInForce(tenant.own, parts.retention)
  if (payloadDays > parts.retention.payloadDays) await streams.keepFor(streamKeepMs(payloadDays))
  const payloadEnd = parts.now() - payloadDays * dayMs
  const content = await removeContent(parts, tenant, payloadEnd)
  // Some content may be left: the next owner must begin where this process began.
  if (!parts.owns(tenant.tenant)) return report(parts, tenant.tenant, { ...content, messages: 0, rows: 0 })
  const messages = await streams.purgeBefore(tenant.tenant, partitionOf(tenant.tenant, partitions), payloadEnd)
  await ledger.retention.contentRemoved(tenant.tenant, payloadEnd)
  const logEnd = parts.now() - logDays * dayMs
  const rows = await removeRows(parts, tenant.tenant, logEnd)
  await ledger.unmatched.removeBefore(tenant.tenant, logEnd)
  report(parts, tenant.tenant, { ...content, messages, rows })
}

const removeContent = async (parts: RetentionParts, tenant: TenantRetention, end: number) => {
  const { ledger, metrics, owns, wake, now } = parts
  const count = { ended: 0, contents: 0 }
  for (let more = true; more && owns(tenant.tenant);) {
    const removed = await ledger.retention.removeContent(tenant, end, now())
    count.contents += removed.contents
    for (const [subscriptionId, ended] of removed.ended) {
      count.ended += ended
      metrics.ended('dead', 'content_expired', ended)
      // The supervisor may hold these rows in memory, and the next delivery of their visits may go.
      wake(subscriptionId)
    }
    more = removed.more
  }
  return count
}

const removeRows = async ({ ledger, owns }: RetentionParts, tenant: string, end: number): Promise<number> => {
  let rows = 0
  for (let more = true; more && owns(tenant);) {
    const removed = await ledger.retention.removeRows(tenant, end)
    rows += removed.removed
    more = removed.more
  }
  return rows
}

const report = ({ metrics, log }: RetentionParts, tenant: string, tally: Tally): void => {
  for (const [what, count] of Object.entries(tally)) if (count > 0) metrics.retained(what as keyof Tally, count)
  if (Object.values(tally).some(count => count > 0))
    log.info({ tenant, ...tally }, 'retention removed what was kept long enough')
}

/** A pass that fails ends no other tenant's: the round continues, and fails in the end with the first error. */
const allTenants = async (parts: RetentionParts): Promise<void> => {
  const failed: { readonly tenant: string; readonly error: unknown }[] = []
  const attempt = (tenant: string, pass: Promise<void>) =>
    pass.catch((error: unknown) => void failed.push({ tenant, error }))
  for await (const tenant of tenantsOf(parts)) await attempt(tenant.tenant, passOf(parts, tenant))
  for (const tenant of await parts.ledger.aside.tenants()) await attempt(tenant, removeAside(parts, tenant))
  const [first] = failed
  if (first === undefined) return
  const remedy = 'see the error; the next round tries these tenants again'
  parts.log.warn(
    { err: first.error, tenant: first.tenant, failed: failed.length, remedy },
    'retention of tenants failed',
  )
  throw first.error
}

/** The tenants of this process, page by page. */
async function* tenantsOf({ ledger, owns }: RetentionParts): AsyncGenerator<TenantRetention> {
  let after = ''
  for (;;) {
    const page = await ledger.retention.list(after, tenantsAtOnce)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.tenant
    yield* page.filter(({ tenant }) => owns(tenant))
  }
}

/** Messages that were set aside may name tenants that do not exist. */
const removeAside = async ({ ledger, retention, now }: RetentionParts, tenant: string): Promise<void> => {
  const own = (await ledger.retention.get(tenant))?.own ?? {}
  const { payloadDays } = retentionInForce(own, retention)
  await ledger.aside.removeBefore(tenant, now() - payloadDays * dayMs)
}
