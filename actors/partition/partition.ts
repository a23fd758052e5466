import {
  catchError,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  mergeMap,
  type Observable,
  type ObservableInput,
  of,
  tap,
} from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { VisitEvent } from '../../src/domain/event.ts'
import { errorText } from '../../src/domain/error-text.ts'
import { Failure } from '../../src/domain/failure.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'
import { inBatches } from '../kit/in-batches.ts'
import { patiently } from '../kit/patiently.ts'
import type { OfferResult } from '../subscription/protocol.ts'
import { type CaughtUp, createCaughtUp } from './caught-up.ts'
import { type ChangePorts, createOrderOfChanges } from './order-of-changes.ts'
import { idsOf, match, plan } from './plan.ts'
import type { Arrived, MessageSpan, Planned } from './protocol.ts'

/** What a partition needs from outside. */
export interface PartitionPorts extends Omit<ChangePorts, 'end'> {
  /** Reads and validates a message; throws Failure when it is not a valid event. */
  readonly read: (message: VisitMessage) => VisitEvent
  readonly begin: (message: VisitMessage) => MessageSpan
  readonly subscriptionsOf: (tenant: string) => readonly Subscription[]
  /** False when this process has not heard of changes for too long: what it knows of subscriptions decides nothing then. */
  readonly isFresh: () => boolean
  readonly untilFresh: () => Promise<void>
  /** Returns the ids of these rows that exist in the ledger. */
  readonly existing: (ids: readonly string[]) => Promise<ReadonlySet<string>>
  readonly offer: (subscription: Subscription, delivery: Delivery) => Promise<OfferResult>
  /** Called when the stream has delivered again everything that the previous owner had in hand. */
  readonly onCaughtUp: () => void
  /** Records that no subscription matched an event. */
  readonly keepUnmatched: (arrived: Arrived) => Promise<void>
  /** Stores a message that cannot be processed, with its reason. */
  readonly keepAside: (message: VisitMessage, reason: string, traceparent: string) => Promise<void>
  readonly now: () => EpochMs
  readonly onDefect: (message: VisitMessage, error: unknown, traceparent: string) => void
  /** Most messages unacknowledged at once. */
  readonly window: number
}

/** At most this many events share a look-up. */
const batchLimit = 128
/** Well below the ack wait, so that the stream does not redeliver an event while its receiver is slow. */
const workingEveryMs = 15_000
/** A message that met a defect this often is kept aside, so that it does not come back without end. */
const maxRedeliveries = 5
const handBackDelayMs = 1_000
/** Each return is a line of the log. */
const notKeptDelayMs = 60_000

/** Processes each message of one partition: reads it, looks it up, matches it, offers it, and acknowledges it when every row is durable. */
export const partition =
  (ports: PartitionPorts) =>
  (messages$: Observable<VisitMessage>): Observable<unknown> =>
    defer(() => {
      const open = new Set<VisitMessage>()
      const caughtUp = createCaughtUp(ports.onCaughtUp)
      const work = { ...ports, passed: caughtUp.passed, close: (message: VisitMessage) => void open.delete(message) }
      const changes = createOrderOfChanges({ ...ports, end: message => endControl(work, message) })
      const extend = setInterval(() => open.forEach(message => message.working()), workingEveryMs)
      return messages$.pipe(
        tap(message => {
          open.add(message)
          caughtUp.arrived(message)
        }),
        mergeMap(
          message =>
            changes.passes(message)
              ? read(work, message)
              : changes.hold(message).pipe(mergeMap(released => read(work, released))),
          ports.window,
        ),
        inBatches(batchLimit, batch => lookUp(work, batch)),
        mergeMap(planned => offerAll(work, planned), ports.window),
        finalize(() => clearInterval(extend)),
      )
    })

/** The ports, and what follows a message: whether it was offered, and the end of its ack extensions. */
interface PartitionWork extends PartitionPorts, Pick<CaughtUp, 'passed'> {
  readonly close: (message: VisitMessage) => void
}

const endControl = (work: PartitionWork, message: VisitMessage): void => {
  message.ack()
  work.passed(message)
  work.close(message)
}

/** Emits the event. A message that is not an event is kept aside with its reason, so that it never blocks the rest. */
const read = (work: PartitionWork, message: VisitMessage): Observable<Arrived> => {
  const span = work.begin(message)
  try {
    const event = work.read(message)
    span.identify(event)
    return of({ message, event, span })
  } catch (error) {
    if (error instanceof Failure) return keepAside(work, { message, span }, reasonOf(error))
    work.onDefect(message, error, span.traceparent)
    return keepAside(work, { message, span }, 'internal: the message could not be read')
  }
}

const reasonOf = (failure: Failure): string =>
  [`${failure.code}: ${failure.message}`, ...failure.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(
    '; ',
  )

type Open = Pick<Arrived, 'message' | 'span'>

/** A message that cannot even be kept aside comes back later, and its neighbours are processed. */
const keepAside = (work: PartitionWork, { message, span }: Open, reason: string): Observable<never> =>
  patiently(work.patience, () => work.keepAside(message, reason, span.traceparent)).pipe(
    tap(() => {
      message.discard(reason)
      work.passed(message)
      span.end('kept_aside')
      work.close(message)
    }),
    catchError((error: unknown) => {
      work.onDefect(message, error, span.traceparent)
      work.passed(message)
      handBack(work, { message, span }, notKeptDelayMs)
      return EMPTY
    }),
    ignoreElements(),
  )

/** Makes one look-up for a whole batch. */
const lookUp = (work: PartitionWork, batch: readonly Arrived[]): Observable<Planned> => {
  if (!work.isFresh()) return defer(work.untilFresh).pipe(mergeMap(() => lookUp(work, batch)))
  const matched = batch.map(arrived => match(arrived, work.subscriptionsOf))
  const ids = idsOf(matched)
  const existing$ = ids.length === 0 ? of(new Set<string>()) : patiently(work.patience, () => work.existing(ids))
  return existing$.pipe(mergeMap(existing => matched.map(entry => plan(entry, existing, work.now()))))
}

/** Offers every delivery to its supervisor and ends the message when all of them are settled. */
const offerAll = (work: PartitionWork, planned: Planned): ObservableInput<unknown> => {
  const offered = planned.offers.map(({ subscription, delivery }) => work.offer(subscription, delivery))
  work.passed(planned.message)
  return planned.matched ? settle(work, planned, offered) : keepUnmatched(work, planned)
}

const keepUnmatched = (work: PartitionWork, planned: Planned): Observable<unknown> =>
  patiently(work.patience, () => work.keepUnmatched(planned)).pipe(
    tap(() => acknowledge(work, planned)),
    catchError((error: unknown) => afterFault(work, planned, error)),
  )

/** A promise rather than a stream, because every event under way has one. */
const settle = async (
  work: PartitionWork,
  planned: Planned,
  offered: readonly Promise<OfferResult>[],
): Promise<void> => {
  // Every one, since a message that is kept aside does not come again for the others.
  const results = await Promise.allSettled(offered)
  const refused = results.find(result => result.status === 'rejected')
  if (results.some(result => result.status === 'fulfilled' && result.value === 'handed_back')) handBack(work, planned)
  else if (refused === undefined) acknowledge(work, planned)
  else await afterFault(work, planned, refused.reason).forEach(() => undefined)
}

/** What the ledger refuses is the message's own fault, and no repetition changes that. Any other fault may pass, so the message comes again. */
const afterFault = (work: PartitionWork, planned: Planned, error: unknown): Observable<never> => {
  work.onDefect(planned.message, error, planned.span.traceparent)
  if (error instanceof Failure) return keepAside(work, planned, reasonOf(error))
  if (planned.message.redeliveries >= maxRedeliveries) return keepAside(work, planned, `internal: ${errorText(error)}`)
  handBack(work, planned)
  return EMPTY
}

const acknowledge = (work: PartitionWork, { message, span }: Open): void => {
  message.ack()
  span.end('acknowledged')
  work.close(message)
}

const handBack = (work: PartitionWork, { message, span }: Open, delayMs = handBackDelayMs): void => {
  message.handBack(delayMs)
  span.end('handed_back')
  work.close(message)
}
