import {
  catchError,
  concatMap,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  switchMap,
  takeUntil,
  timer,
} from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { Announcement } from '../../src/domain/operational.ts'
import { Failure } from '../../src/domain/failure.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { AttemptOrder, AttemptResult } from '../attempt/protocol.ts'
import { patiently, type Patience } from '../kit/patiently.ts'
import type { OpenVisits } from './order.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'

/** What a supervisor's effects need from outside. */
export interface SubscriptionPorts {
  readonly attempt: (order: AttemptOrder) => Promise<AttemptResult>
  /** Writes a row; `stored`: it exists. Resolves to the row in the ledger, once it is durable. */
  readonly record: (row: Delivery, stored: boolean) => Promise<Delivery>
  /** Returns due rows, oldest first, and when the next row after them is due. */
  readonly due: (
    subscriptionId: string,
    limit: number,
  ) => Promise<{ rows: readonly Delivery[]; nextDueAt: EpochMs | null }>
  /** Returns the first open delivery of a visit, if it waits for an earlier one; `active`: it has a due time, so that `due` returns it. */
  readonly nextOfVisit: (
    subscriptionId: string,
    visitId: string,
  ) => Promise<{ readonly row: Delivery | null; readonly active: boolean }>
  readonly openVisits: (subscriptionId: string) => Promise<OpenVisits>
  /** Stores the endpoint's health, and reports a transition to the log, the trace and the metrics. */
  readonly remember: (order: Effect<'remember'>) => Promise<void>
  /** Publishes an operational event, once for each key. */
  readonly announce: (announcement: Announcement) => Promise<void>
  readonly disable: (subscriptionId: string, order: Effect<'disable'>) => Promise<void>
  /** How long to wait while the ledger is unreachable; no attempt is used up. */
  readonly patience: Patience
  readonly now: () => EpochMs
}

/** Receives the results of deliveries that a partition offered. */
export interface OfferListener {
  recorded(deliveryId: string): void
  /** The row cannot be stored. Returns false for a delivery that no partition offered. */
  refused(deliveryId: string, error: unknown): boolean
  handedBack(deliveryId: string): void
}

/** Performs one supervisor's effects. The behaviour bounds posts and records; a newer `wakeAt` replaces the older one. */
export const performSubscription =
  (ports: SubscriptionPorts, subscriptionId: string, offers: OfferListener) =>
  (effects$: Observable<SubscriptionEffect>): Observable<SubscriptionMessage> =>
    merge(
      effects$.pipe(only('post'), mergeMap(post(ports))),
      effects$.pipe(only('record'), mergeMap(record(ports, offers))),
      // The behaviour orders one at a time; a pull that is ordered while the last one completes waits for it.
      effects$.pipe(only('pull'), concatMap(pull(ports, subscriptionId))),
      effects$.pipe(only('readNextOfVisit'), mergeMap(readNextOfVisit(ports, subscriptionId))),
      effects$.pipe(only('readVisits'), concatMap(readVisits(ports, subscriptionId))),
      // In order, so that the last state of a circuit is stored last.
      effects$.pipe(
        only('remember'),
        concatMap(order => quietly(ports, () => ports.remember(order))),
      ),
      effects$.pipe(
        only('announce'),
        mergeMap(({ announcement }) => quietly(ports, () => ports.announce(announcement))),
      ),
      effects$.pipe(
        only('disable'),
        concatMap(order => quietly(ports, () => ports.disable(subscriptionId, order))),
      ),
      effects$.pipe(only('wakeAt'), switchMap(wake(ports)), takeUntil(ended(effects$))),
      effects$.pipe(
        only('handBack'),
        mergeMap(({ deliveryId }) => (offers.handedBack(deliveryId), EMPTY)),
      ),
    )

type Effect<Type extends SubscriptionEffect['type']> = Extract<SubscriptionEffect, { type: Type }>

const only = <Type extends SubscriptionEffect['type']>(type: Type) =>
  filter((effect: SubscriptionEffect): effect is Effect<Type> => effect.type === type)

/** Emits at the end of the effects: a timer that is set for tomorrow must not delay the actor's end. */
const ended = (effects$: Observable<unknown>) => effects$.pipe(ignoreElements(), endWith(null))

const wake =
  (ports: SubscriptionPorts) =>
  ({ at }: Effect<'wakeAt'>): Observable<SubscriptionMessage> =>
    timer(Math.max(0, at - ports.now())).pipe(map(() => ({ type: 'woke' }) as const))

const post =
  (ports: SubscriptionPorts) =>
  async ({ work, subscription, number, receiverHealthy }: Effect<'post'>): Promise<SubscriptionMessage> => {
    const { attempt, outcome } = await ports.attempt({ delivery: work.delivery, subscription, number, receiverHealthy })
    return { type: 'attempted', work, attempt, outcome }
  }

const record =
  (ports: SubscriptionPorts, offers: OfferListener) =>
  ({ row, stored }: Effect<'record'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.record(row, stored)).pipe(
      map(written => {
        offers.recorded(row.id)
        const leftOrder = row.ordered === true && written.ordered !== true
        return { type: 'recorded', row: written, stored, leftOrder } as const
      }),
      // A new row that the ledger refuses is the message's trouble, and its partition keeps it aside. The supervisor has nothing more to do.
      catchError((error: unknown) => {
        if (!(error instanceof Failure) || stored || !offers.refused(row.id, error)) throw error
        return of({ type: 'recorded', row, stored, leftOrder: false } as const)
      }),
    )

const pull =
  (ports: SubscriptionPorts, subscriptionId: string) =>
  ({ limit }: Effect<'pull'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.due(subscriptionId, limit)).pipe(
      map(({ rows, nextDueAt }) => ({ type: 'pulled', rows, asked: limit, nextDueAt }) as const),
    )

const readNextOfVisit =
  (ports: SubscriptionPorts, subscriptionId: string) =>
  ({ visitId }: Effect<'readNextOfVisit'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.nextOfVisit(subscriptionId, visitId)).pipe(
      map(({ row, active }) => ({ type: 'nextOfVisit', visitId, row, active }) as const),
    )

const readVisits = (ports: SubscriptionPorts, subscriptionId: string) => (): Observable<SubscriptionMessage> =>
  patiently(ports.patience, () => ports.openVisits(subscriptionId)).pipe(
    map(visits => ({ type: 'visitsRead', visits }) as const),
  )

/** Performs work without an answer. */
const quietly = (ports: SubscriptionPorts, work: () => Promise<void>): Observable<never> =>
  patiently(ports.patience, work).pipe(ignoreElements())
