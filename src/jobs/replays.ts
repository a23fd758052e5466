import { finalize, ignoreElements, Subscription as Listening } from 'rxjs'
import { type Candidate, runReplay } from '../../actors/replay/replay.ts'
import type { Patience } from '../../actors/kit/patiently.ts'
import { deliveryId } from '../domain/delivery.ts'
import { type VisitEvent, wireBody } from '../domain/event.ts'
import { partitionOf } from '../domain/partition.ts'
import type { Replay } from '../domain/replay.ts'
import { matches, type Subscription } from '../domain/subscription.ts'
import type { WorkerParts } from '../service/worker-parts.ts'

/** Replays of this process's partitions. */
export interface Replays {
  /** Takes up what is running in the ledger and not yet here. */
  look(): Promise<void>
  stop(): void
}

export const createReplayRunner = (
  parts: WorkerParts,
  isOurs: (replay: Replay) => boolean,
  wake: (subscriptionId: string) => void,
  patience: Patience,
): Replays => {
  const { ledger, log } = parts
  const running = new Set<string>()
  const all = new Listening()
  const run = runReplay({
    next: (replay, limit) =>
      replay.selection === 'missing' ? missing(parts, replay, limit) : again(parts, replay, limit),
    advance: ledger.replays.advance,
    afterCancel: replay => ledger.replays.afterCancel(replay, Date.now()),
    wake,
    isOurs,
    patience,
    now: () => Date.now(),
  })
  const start = (replay: Replay) => {
    if (running.has(replay.id) || !isOurs(replay)) return
    running.add(replay.id)
    const { id: replayId, subscriptionId, tenant } = replay
    log.info({ replayId, subscriptionId, tenant, total: replay.total }, 'replay goes on')
    const work$ = run(replay).pipe(
      ignoreElements(),
      finalize(() => running.delete(replayId)),
    )
    all.add(
      work$.subscribe({
        error: (error: unknown) =>
          log.error(
            { err: error, replayId, subscriptionId, remedy: 'a defect: report it; the replay goes on in 30 s' },
            'a replay met a fault',
          ),
      }),
    )
  }
  return {
    look: async () => (await ledger.replays.running()).forEach(start),
    stop: () => all.unsubscribe(),
  }
}

/** Rows that are in the ledger. */
const again = async (parts: WorkerParts, replay: Replay, limit: number): Promise<Candidate[]> => {
  const rows = await parts.ledger.replays.next(replay, limit)
  const subscription = parts.directory.byId(replay.subscriptionId)
  if (subscription === undefined) return []
  return Promise.all(
    rows.map(async row => {
      const cursor = { createdAt: row.createdAt, id: row.id }
      const body = await parts.bodyOf(row, subscription.payload)
      const open = (dueAt: number) => parts.ledger.replays.open(row, replay.id, body ?? '', dueAt, Date.now())
      return { cursor, open: body === null ? null : open }
    }),
  )
}

/** Events of the stream that match the subscription and have no row: from before it was made, or before its filter was changed. */
const missing = async (
  parts: WorkerParts,
  replay: Replay,
  limit: number,
): Promise<(Candidate & { isNew: boolean })[]> => {
  const { streams, ledger, reader, directory } = parts
  const { tenant, subscriptionId, from, to, cursor } = replay
  const subscription = directory.byId(subscriptionId)
  if (subscription === undefined) return []
  const after = cursor !== null && 'sequence' in cursor ? cursor.sequence : null
  const messages = await streams.history({ tenant, from, after, limit })
  const inRange = messages.filter(({ at }) => at < to)
  const events = inRange.flatMap(({ sequence, at, type, text }) => {
    try {
      return [{ sequence, at, event: reader.message(tenant, type, text, Date.now()) }]
    } catch {
      return []
    }
  })
  const matching = events.filter(({ event }) => matches(subscription, event))
  const existing = await ledger.deliveries.existing(matching.map(({ event }) => deliveryId(event.id, subscriptionId)))
  const wanted = new Map(matching.map(entry => [entry.sequence, entry]))
  return inRange.map(({ sequence }) => {
    const found = wanted.get(sequence)
    const isNew = found !== undefined && !existing.has(deliveryId(found.event.id, subscriptionId))
    // What needs no row is passed over, and counts as neither opened nor skipped.
    const open = async (dueAt: number) => isNew && insert(parts, replay, subscription, found, dueAt)
    return { cursor: { sequence }, isNew, open }
  })
}

/** How many events a replay of missing ones would deliver. */
export const countMissing = async (parts: WorkerParts, replay: Replay): Promise<number> => {
  let [count, at] = [0, replay]
  for (;;) {
    const candidates = await missing(parts, at, 500)
    const last = candidates.at(-1)
    if (last === undefined) return count
    count += candidates.filter(({ isNew }) => isNew).length
    at = { ...at, cursor: last.cursor }
  }
}

interface Missing {
  readonly sequence: number
  /** When the stream accepted it, ms: its row is as old as that, so that its content ends in time. */
  readonly at: number
  readonly event: VisitEvent
}

const insert = async (
  { ledger, streams, partitions }: WorkerParts,
  replay: Replay,
  subscription: Subscription,
  { sequence, at, event }: Missing,
  dueAt: number,
): Promise<boolean> => {
  const id = deliveryId(event.id, subscription.id)
  await ledger.deliveries.insert({
    id,
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
  // Erased since it was read: whoever erased it had no row to find.
  if ((await streams.read(sequence)) !== null) return true
  await ledger.deliveries.remove(id)
  return false
}
