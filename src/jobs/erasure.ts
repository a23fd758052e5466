import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { type Erasure, eventIdOf, isAbout } from '../domain/erasure.ts'
import { isControl } from '../domain/control-message.ts'
import { isOperational } from '../domain/event.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Streams } from '../streams/connect.ts'

/** Erasures of visitors, for the tenants of this process. */
export interface Eraser {
  /** Starts the erasures that run according to the ledger and not yet here. */
  look(): Promise<void>
  /** Ends each at its next step. Another process, or the next start, continues from there. */
  stop(): void
}

export interface ErasureParts {
  readonly streams: Pick<Streams, 'erase' | 'history' | 'isWorkedOn' | 'lastSequence'>
  readonly ledger: Pick<Ledger, 'erasures' | 'eraseRows' | 'aside'>
  readonly metrics: Pick<DoorbellMetrics, 'ended' | 'retained'>
  readonly log: Pick<Log, 'info'>
  readonly partitions: number
  readonly owns: (tenant: string) => boolean
  /** Ends what was kept long enough. Afterwards each row with content has its message in the stream. */
  readonly retain: (tenant: string) => Promise<void>
  readonly wake: (subscriptionId: string) => void
  readonly onFault: (error: unknown, againInMs: number) => void
  /** Resolves after this time, or when the signal is aborted. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>
}

/** An erasure whose last message is fixed. */
type Bounded = Erasure & { readonly boundary: number }

export const messagesAtOnce = 200
const askAgainMs = 250
/** As often as the worker looks for unfinished work. */
const againMs = 30_000

export const createEraser = (parts: ErasureParts): Eraser => {
  const running = new Set<string>()
  const stopped = new AbortController()
  const start = (erasure: Erasure) => {
    if (running.has(erasure.id) || stopped.signal.aborted || !parts.owns(erasure.tenant)) return
    running.add(erasure.id)
    void erase(parts, erasure, stopped.signal)
      .catch((error: unknown) => parts.onFault(error, againMs))
      .finally(() => running.delete(erasure.id))
  }
  return {
    look: async () => (await parts.ledger.erasures.running()).forEach(start),
    stop: () => stopped.abort(),
  }
}

const erase = async (parts: ErasureParts, begun: Erasure, stopped: AbortSignal): Promise<void> => {
  const { ledger, log, metrics } = parts
  const { id: erasureId, tenant, visitorId } = begun
  if (visitorId === null) return
  const isOver = () => stopped.aborted || !parts.owns(tenant)
  const bounded = await bound(parts, begun)
  const partition = partitionOf(tenant, parts.partitions)
  log.info({ erasureId, tenant, partition, cursor: begun.cursor, boundary: bounded.boundary }, 'erasing a visitor')
  let erasure = await eraseFound(parts, bounded)
  if (!(await workedOn(parts, erasure, isOver, stopped))) return
  await parts.retain(tenant)
  for (let more = true; more;) {
    if (isOver()) return
    const next = await search(parts, erasure, visitorId)
    more = next !== null
    if (next !== null) erasure = await eraseFound(parts, next)
  }
  erasure = await eraseRest(parts, erasure, visitorId)
  const { counts, createdAt } = await ledger.erasures.finish(erasure, Date.now())
  metrics.retained('erased', counts.events)
  log.info({ erasureId, tenant, ...counts, tookMs: Date.now() - createdAt }, 'a visitor is erased')
}

/** Fixes the last message that the erasure covers: what is posted later is new. */
const bound = async ({ ledger, streams }: ErasureParts, erasure: Erasure): Promise<Bounded> => {
  const { boundary } = erasure
  if (boundary !== null) return { ...erasure, boundary }
  const bounded = { ...erasure, boundary: await streams.lastSequence() }
  await ledger.erasures.advance(bounded)
  return bounded
}

/** Waits until every event that was accepted before has its rows, so that none is in memory only. False when the erasure ends here first. */
const workedOn = async (
  { streams, partitions, wait }: ErasureParts,
  { tenant, boundary }: Bounded,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<boolean> => {
  const partition = partitionOf(tenant, partitions)
  while (!isOver()) {
    if (await streams.isWorkedOn(partition, boundary)) return true
    await wait(askAgainMs, signal)
  }
  return false
}

/** Reads the next messages and stores which of them will be erased, before any is. Null at the end. */
const search = async ({ ledger, streams }: ErasureParts, erasure: Bounded, visitorId: string) => {
  const { tenant, cursor, boundary, counts } = erasure
  const page = await streams.history({ tenant, from: 0, after: cursor, limit: messagesAtOnce })
  const messages = page.filter(({ sequence }) => sequence <= boundary)
  const last = messages.at(-1)
  if (last === undefined) return null
  const found = messages
    .filter(({ type, text }) => !isOperational(type) && isAbout(text, visitorId))
    .map(({ sequence, text }) => ({ sequence, eventId: eventIdOf(text) }))
  // Doorbell's own notes about its subscriptions are no events, although a publisher may put a person's data into one.
  const scanned = counts.scanned + messages.filter(({ type }) => !isControl(type)).length
  const advanced: Bounded = { ...erasure, cursor: last.sequence, found, counts: { ...counts, scanned } }
  await ledger.erasures.advance(advanced)
  return advanced
}

/** Erases the messages that were found, and then their rows: a replay that reads later finds no message, and one that read before checks again. */
const eraseFound = async (parts: ErasureParts, erasure: Bounded): Promise<Bounded> => {
  if (erasure.found.length === 0) return erasure
  let events = 0
  for (const { sequence } of erasure.found) if (await parts.streams.erase(sequence)) events += 1
  const eventIds = erasure.found.flatMap(({ eventId }) => (eventId === null ? [] : [eventId]))
  const counts = { ...erasure.counts, events: erasure.counts.events + events }
  return eraseEvents(parts, { ...erasure, found: [], counts }, eventIds)
}

/** Erases what has no message in the stream. */
const eraseRest = async (parts: ErasureParts, erasure: Bounded, visitorId: string): Promise<Bounded> => {
  const { ledger } = parts
  const { tenant } = erasure
  await ledger.aside.removeWhere(tenant, text => isAbout(text, visitorId))
  await ledger.eraseRows.eraseAnswers(tenant, visitorId)
  return eraseEvents(parts, erasure, await ledger.eraseRows.eventsAbout(tenant, visitorId))
}

const eraseEvents = async (
  { ledger, metrics, wake }: ErasureParts,
  erasure: Bounded,
  eventIds: readonly string[],
): Promise<Bounded> => {
  const { subscriptionIds, ...rows } = await ledger.eraseRows.eraseEvents(erasure.tenant, eventIds, Date.now())
  metrics.ended('cancelled', 'erased', rows.cancelled)
  // A supervisor that holds such a row in memory drops it.
  for (const id of subscriptionIds) wake(id)
  const { counts } = erasure
  const deliveries = counts.deliveries + rows.deliveries
  const cancelled = counts.cancelled + rows.cancelled
  const advanced = { ...erasure, counts: { ...counts, deliveries, cancelled } }
  await ledger.erasures.advance(advanced)
  return advanced
}
