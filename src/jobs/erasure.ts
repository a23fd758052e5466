import type { Patience } from '../../actors/kit/patiently.ts'
import { type Erasure, eventIdOf, isAbout } from '../domain/erasure.ts'
import { isOperational } from '../domain/event.ts'
import { partitionOf } from '../domain/partition.ts'
import type { WorkerParts } from '../service/worker-parts.ts'

/** Erasures of visitors, of this process's partitions. */
export interface Eraser {
  /** Takes up what is running in the ledger and not yet here. */
  look(): Promise<void>
  /** Ends at the next step; another process, or the next start, goes on from there. */
  stop(): void
}

type Parts = Pick<WorkerParts, 'streams' | 'ledger' | 'metrics' | 'log' | 'partitions'>

const messagesAtOnce = 200
const askAgainMs = 250
/** As often as the worker looks for work that nobody does. */
const againMs = 30_000

export const createEraser = (
  parts: Parts,
  isOurs: (tenant: string) => boolean,
  {
    retain,
    wake,
    patience,
  }: {
    /** Ends first what was kept long enough: what has content after that has its message. */
    readonly retain: (tenant: string) => Promise<void>
    readonly wake: (subscriptionId: string) => void
    readonly patience: Pick<Patience, 'onWait'>
  },
): Eraser => {
  const { ledger, log, metrics } = parts
  const running = new Set<string>()
  let stopped = false
  const goesOn = ({ tenant }: Erasure) => !stopped && isOurs(tenant)

  const run = async (begun: Erasure): Promise<void> => {
    const { id: erasureId, tenant, visitorId } = begun
    if (visitorId === null) return
    log.info({ erasureId, tenant, cursor: begun.cursor }, 'erasing a visitor goes on')
    let erasure = await eraseBegun(await bound(parts, begun))
    if (!(await workedOn(erasure))) return
    await retain(tenant)
    for (let more = true; more;) {
      if (!goesOn(erasure)) return
      const next = await search(parts, erasure, visitorId)
      more = next !== null
      if (next !== null) erasure = await eraseBegun(next)
    }
    erasure = await eraseRest(erasure, visitorId)
    const { counts, createdAt } = await ledger.erasures.finish(erasure, Date.now())
    metrics.retained('erased', counts.events)
    log.info({ erasureId, tenant, ...counts, tookMs: Date.now() - createdAt }, 'a visitor is erased')
  }

  /** Erases what was found. The messages first: a replay that reads one afterwards finds nothing, and one that read it before looks again. */
  const eraseBegun = async (erasure: Erasure): Promise<Erasure> => {
    if (erasure.found.length === 0) return erasure
    let events = 0
    for (const { sequence } of erasure.found) if (await parts.streams.erase(sequence)) events += 1
    const eventIds = erasure.found.flatMap(({ eventId }) => (eventId === null ? [] : [eventId]))
    return eraseEvents(
      { ...erasure, found: [], counts: { ...erasure.counts, events: erasure.counts.events + events } },
      eventIds,
    )
  }

  const eraseEvents = async (erasure: Erasure, eventIds: readonly string[]): Promise<Erasure> => {
    const { subscriptionIds, ...rows } = await ledger.eraseRows.eraseEvents(erasure.tenant, eventIds, Date.now())
    metrics.ended('cancelled', 'erased', rows.cancelled)
    // A supervisor that has such a row in hand lets it go.
    subscriptionIds.forEach(wake)
    const { counts } = erasure
    const advanced = {
      ...erasure,
      counts: {
        ...counts,
        deliveries: counts.deliveries + rows.deliveries,
        cancelled: counts.cancelled + rows.cancelled,
      },
    }
    await ledger.erasures.advance(advanced)
    return advanced
  }

  /** What has no message in the stream. */
  const eraseRest = async (erasure: Erasure, visitorId: string): Promise<Erasure> => {
    const { tenant } = erasure
    await ledger.aside.removeWhere(tenant, text => isAbout(text, visitorId))
    await ledger.eraseRows.eraseAnswers(tenant, visitorId)
    return eraseEvents(erasure, await ledger.eraseRows.eventsAbout(tenant, visitorId))
  }

  /** What was accepted before is in rows first, so that nothing of it is in anybody's hands, and no accepted event is in no row. */
  const workedOn = async (erasure: Erasure): Promise<boolean> => {
    const partition = partitionOf(erasure.tenant, parts.partitions)
    while (goesOn(erasure)) {
      if (await parts.streams.isWorkedOn(partition, erasure.boundary ?? 0)) return true
      await new Promise(resolve => setTimeout(resolve, askAgainMs))
    }
    return false
  }

  const start = (erasure: Erasure) => {
    if (running.has(erasure.id) || !goesOn(erasure)) return
    running.add(erasure.id)
    void run(erasure)
      .catch((error: unknown) => patience.onWait(error, againMs))
      .finally(() => running.delete(erasure.id))
  }
  return {
    look: async () => (await ledger.erasures.running()).forEach(start),
    stop: () => void (stopped = true),
  }
}

const bound = async ({ ledger, streams }: Parts, erasure: Erasure): Promise<Erasure> => {
  if (erasure.boundary !== null) return erasure
  const bounded = { ...erasure, boundary: await streams.lastSequence() }
  await ledger.erasures.advance(bounded)
  return bounded
}

/** Looks at the next messages and notes what is to be erased before any of it is; null at the end. */
const search = async ({ ledger, streams }: Parts, erasure: Erasure, visitorId: string): Promise<Erasure | null> => {
  const { tenant, cursor, boundary, counts } = erasure
  const page = await streams.history({ tenant, from: 0, after: cursor, limit: messagesAtOnce })
  const messages = page.filter(({ sequence }) => sequence <= (boundary ?? 0))
  const last = messages.at(-1)
  if (last === undefined) return null
  const found = messages
    .filter(({ type, text }) => !isOperational(type) && isAbout(text, visitorId))
    .map(({ sequence, text }) => ({ sequence, eventId: eventIdOf(text) }))
  const scanned = counts.scanned + messages.length
  const advanced = { ...erasure, cursor: last.sequence, found, counts: { ...counts, scanned } }
  await ledger.erasures.advance(advanced)
  return advanced
}
