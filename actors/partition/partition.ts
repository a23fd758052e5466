import {
  defer,
  finalize,
  ignoreElements,
  lastValueFrom,
  mergeMap,
  type Observable,
  type ObservableInput,
  of,
  tap,
} from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import { Failure } from '../../src/domain/failure.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { inBatches } from '../kit/in-batches.ts'
import { patiently, type Patience } from '../kit/patiently.ts'
import type { OfferResult } from '../subscription/protocol.ts'
import { idsOf, match, plan } from './plan.ts'
import type { Arrived, Hop, Planned, VisitMessage } from './protocol.ts'

/** What a partition needs of the world. */
export interface PartitionPorts {
  /** Reads and validates a message; throws Failure when it is not an event. */
  readonly read: (message: VisitMessage) => VisitEvent
  readonly begin: (message: VisitMessage) => Hop
  readonly subscriptionsOf: (tenant: string) => readonly Subscription[]
  /** Which of these rows the ledger has. */
  readonly existing: (ids: readonly string[]) => Promise<ReadonlySet<string>>
  readonly offer: (subscription: Subscription, delivery: Delivery) => Promise<OfferResult>
  /** Everything that the partition's last owner had in hand was offered again. */
  readonly onCaughtUp: () => void
  /** Keeps in mind that no subscription wanted an event. */
  readonly keepUnmatched: (arrived: Arrived) => Promise<void>
  /** Keeps a message that cannot be worked on, with its reason. */
  readonly keepAside: (message: VisitMessage, reason: string, traceparent: string) => Promise<void>
  readonly patience: Patience
  readonly now: () => EpochMs
  readonly onDefect: (message: VisitMessage, error: unknown, traceparent: string) => void
  /** Most messages unacknowledged at once. */
  readonly window: number
}

/** At most this many events share a look-up. */
const batchLimit = 128
/** Well below the ack wait, so that an event whose receiver is slow is not offered twice. */
const workingEveryMs = 15_000
/** A message that met a defect this often is kept aside, so that it does not come back for ever. */
const maxRedeliveries = 5
const handBackDelayMs = 1_000

/** Takes each message of one partition to its end: read, look up, match, hand over, acknowledge when every row is durable. */
export const partition =
  (ports: PartitionPorts) =>
  (messages$: Observable<VisitMessage>): Observable<unknown> =>
    defer(() => {
      const open = new Set<VisitMessage>()
      const desk = { ...ports, close: (message: VisitMessage) => void open.delete(message) }
      const extend = setInterval(() => open.forEach(message => message.working()), workingEveryMs)
      return messages$.pipe(
        tap(message => open.add(message)),
        mergeMap(message => read(desk, message), ports.window),
        inBatches(batchLimit, batch => lookUp(desk, batch)),
        mergeMap(planned => handOver(desk, planned), ports.window),
        finalize(() => clearInterval(extend)),
      )
    })

/** The ports, and the list of messages that are kept alive until they are closed. */
interface Desk extends PartitionPorts {
  readonly close: (message: VisitMessage) => void
}

/** An event; or nothing, when the message is none: it is kept aside with its reason and never blocks the rest. */
const read = (desk: Desk, message: VisitMessage): Observable<Arrived> => {
  const hop = desk.begin(message)
  try {
    const event = desk.read(message)
    hop.identify(event)
    return of({ message, event, hop })
  } catch (error) {
    if (error instanceof Failure) return keepAside(desk, { message, hop }, reasonOf(error))
    desk.onDefect(message, error, hop.traceparent)
    return keepAside(desk, { message, hop }, 'internal: the message could not be read')
  }
}

const reasonOf = (failure: Failure): string =>
  [`${failure.code}: ${failure.message}`, ...failure.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(
    '; ',
  )

type Held = Pick<Arrived, 'message' | 'hop'>

const keepAside = (desk: Desk, { message, hop }: Held, reason: string): Observable<never> =>
  patiently(desk.patience, () => desk.keepAside(message, reason, hop.traceparent)).pipe(
    tap(() => {
      message.discard(reason)
      // What came before it may still be on its way through a look-up; it is no later than the next message.
      if (message.caughtUp) desk.onCaughtUp()
      hop.end('kept_aside')
      desk.close(message)
    }),
    ignoreElements(),
  )

/** One look-up for a whole batch. */
const lookUp = (desk: Desk, batch: readonly Arrived[]): Observable<Planned> => {
  const matched = batch.map(arrived => match(arrived, desk.subscriptionsOf))
  const ids = idsOf(matched)
  const existing$ = ids.length === 0 ? of(new Set<string>()) : patiently(desk.patience, () => desk.existing(ids))
  return existing$.pipe(mergeMap(existing => matched.map(entry => plan(entry, existing, desk.now()))))
}

/** Hands every delivery to its supervisor and ends the message when all of them have been settled. */
const handOver = (desk: Desk, planned: Planned): ObservableInput<unknown> => {
  const offered = planned.offers.map(({ subscription, delivery }) => desk.offer(subscription, delivery))
  if (planned.message.caughtUp) desk.onCaughtUp()
  return planned.matched ? settle(desk, planned, offered) : keepUnmatched(desk, planned)
}

const keepUnmatched = (desk: Desk, planned: Planned): Observable<unknown> =>
  patiently(desk.patience, () => desk.keepUnmatched(planned)).pipe(tap(() => acknowledge(desk, planned)))

/** A promise, and no stream: each event under way has one. */
const settle = async (desk: Desk, planned: Planned, offered: readonly Promise<OfferResult>[]): Promise<void> => {
  try {
    const results = await Promise.all(offered)
    if (results.every(result => result === 'recorded')) acknowledge(desk, planned)
    else handBack(desk, planned)
  } catch (error) {
    desk.onDefect(planned.message, error, planned.hop.traceparent)
    if (planned.message.redeliveries < maxRedeliveries) handBack(desk, planned)
    else await lastValueFrom(keepAside(desk, planned, `internal: ${String(error)}`), { defaultValue: null })
  }
}

const acknowledge = (desk: Desk, { message, hop }: Held): void => {
  message.ack()
  hop.end('acknowledged')
  desk.close(message)
}

const handBack = (desk: Desk, { message, hop }: Held): void => {
  message.handBack(handBackDelayMs)
  hop.end('handed_back')
  desk.close(message)
}
