import type { Candidate } from '../../actors/replay/replay.ts'
import { deliveryId, type Delivery } from '../domain/delivery.ts'
import { type PayloadForm, type VisitEvent, wireBody } from '../domain/event.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Replay } from '../domain/replay.ts'
import { isYounger, matches, type Subscription } from '../domain/subscription.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Streams } from '../streams/connect.ts'

export interface CandidateParts {
  readonly streams: Pick<Streams, 'history' | 'read' | 'workedOnTo'>
  /** The subscription is read as it is stored: a replay that follows a change goes by that change. */
  readonly ledger: Pick<Ledger, 'deliveries' | 'replays' | 'subscriptions'>
  /** Reads a message of the stream. Throws when it is not a valid event. */
  readonly eventOf: (tenant: string, type: string, text: string, now: number) => VisitEvent
  /** What another attempt at a row would send, in this form; null when it is no longer kept. */
  readonly bodyOf: (row: Delivery, form: PayloadForm) => Promise<string | null>
  readonly partitions: number
}

/** The next deliveries of a replay: rows of the ledger, or for `missing` events of the stream. */
export const nextCandidates =
  (parts: CandidateParts) =>
  (replay: Replay, limit: number): Promise<Candidate[]> =>
    replay.selection === 'missing' ? missing(parts, replay, limit) : stored(parts, replay, limit)

/** How many deliveries a replay would open. */
export const countReplay = async (parts: CandidateParts, replay: Replay): Promise<number> => {
  if (replay.selection !== 'missing') return parts.ledger.replays.count(replay)
  let [count, at] = [0, replay]
  for (;;) {
    const candidates = await missing(parts, at, 500)
    const last = candidates.at(-1)
    if (last === undefined) return count
    count += candidates.filter(({ isNew }) => isNew).length
    at = { ...at, cursor: last.cursor }
  }
}

const stored = async (parts: CandidateParts, replay: Replay, limit: number): Promise<Candidate[]> => {
  const rows = await parts.ledger.replays.next(replay, limit)
  const subscription = await parts.ledger.subscriptions.get(replay.tenant, replay.subscriptionId)
  if (subscription === null) return []
  return Promise.all(
    rows.map(async row => {
      const cursor = { createdAt: row.createdAt, id: row.id }
      const body = await parts.bodyOf(row, subscription.payload)
      const open = (dueAt: number) => parts.ledger.replays.open(row, replay.id, body ?? '', dueAt, Date.now())
      return { cursor, open: body === null ? null : open }
    }),
  )
}

interface StoredEvent {
  readonly sequence: number
  /** When the stream accepted it. The row gets this age too, so that its content ends in time. */
  readonly at: number
  readonly event: VisitEvent
}

/**
 * Events that match the subscription and have no row: older than the subscription, or than a change of its filter. An event that may be under way
 * is left out, since it may get its row in a moment. To a younger subscription it is not on its way.
 */
const missing = async (
  parts: CandidateParts,
  replay: Replay,
  limit: number,
): Promise<(Candidate & { isNew: boolean })[]> => {
  const { tenant, subscriptionId, from, to, cursor } = replay
  const subscription = await parts.ledger.subscriptions.get(tenant, subscriptionId)
  if (subscription === null) return []
  const after = cursor !== null && 'sequence' in cursor ? cursor.sequence : null
  const messages = await parts.streams.history({ tenant, from, after, limit })
  const inRange = messages.filter(({ at }) => at < to)
  const events = inRange.flatMap(({ sequence, at, type, text }): StoredEvent[] => {
    try {
      return [{ sequence, at, event: parts.eventOf(tenant, type, text, Date.now()) }]
    } catch {
      return []
    }
  })
  const workedOnTo = await parts.streams.workedOnTo(partitionOf(tenant, parts.partitions))
  const isSettled = (sequence: number) => sequence <= workedOnTo || isYounger(subscription, sequence)
  const matching = events.filter(({ sequence, event }) => isSettled(sequence) && matches(subscription, event))
  const idOf = ({ event }: StoredEvent) => deliveryId(event.id, subscriptionId)
  const existing = await parts.ledger.deliveries.existing(matching.map(idOf))
  const wanted = new Map(matching.map(entry => [entry.sequence, entry]))
  return inRange.map(({ sequence }) => {
    const found = wanted.get(sequence)
    const isNew = found !== undefined && !existing.has(idOf(found))
    // A message that needs no row counts neither as opened nor as skipped.
    const open = async (dueAt: number) => isNew && insert(parts, rowOf(parts, replay, subscription, found, dueAt))
    return { cursor: { sequence }, isNew, open }
  })
}

const insert = async ({ ledger, streams }: CandidateParts, row: Delivery): Promise<boolean> => {
  await ledger.deliveries.insert(row)
  // The event may have been erased since it was read, when it had no row that the erasure could find.
  if ((await streams.read(row.streamSequence)) !== null) return true
  await ledger.deliveries.remove(row.id)
  return false
}

const rowOf = (
  { partitions }: CandidateParts,
  replay: Replay,
  subscription: Subscription,
  { sequence, at, event }: StoredEvent,
  dueAt: number,
): Delivery => ({
  id: deliveryId(event.id, subscription.id),
  tenant: event.tenant,
  partition: partitionOf(event.tenant, partitions),
  subscriptionId: subscription.id,
  eventId: event.id,
  visitId: event.visitId,
  type: event.type,
  streamSequence: sequence,
  status: 'held',
  reason: 'replay',
  kind: 'replay',
  replayId: replay.id,
  nextAttemptAt: dueAt,
  attempts: [],
  revision: 1,
  body: wireBody(event, subscription.payload, sequence),
  traceparent: replay.traceparent,
  createdAt: at,
  updatedAt: Date.now(),
})
