import {
  concatMap,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  switchMap,
  takeUntil,
  timer,
} from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { Announcement } from '../../src/domain/operational.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { AttemptOrder, AttemptResult } from '../attempt/protocol.ts'
import { patiently, type Patience } from '../kit/patiently.ts'
import type { Turns } from './order.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'

/** What a supervisor's orders need of the world. */
export interface SubscriptionPorts {
  readonly attempt: (order: AttemptOrder) => Promise<AttemptResult>
  /** Writes a row; `stored` says that it exists. Resolves when it is durable, with the row as it stands in the ledger now. */
  readonly record: (row: Delivery, stored: boolean) => Promise<Delivery>
  /** Due rows, oldest first, and when the first row that is due later will be. */
  readonly due: (
    subscriptionId: string,
    limit: number,
  ) => Promise<{ rows: readonly Delivery[]; nextDueAt: EpochMs | null }>
  /** The first open delivery of a visit, if it waits for its turn; `active`: it is due by itself. */
  readonly nextInTurn: (
    subscriptionId: string,
    visitId: string,
  ) => Promise<{ readonly row: Delivery | null; readonly active: boolean }>
  readonly turns: (subscriptionId: string) => Promise<Turns>
  /** Keeps how the endpoint behaves, and tells a transition to the log, the trace and the metrics. */
  readonly remember: (order: Effect<'remember'>) => Promise<void>
  /** Publishes an operational event; the same key only once. */
  readonly announce: (announcement: Announcement) => Promise<void>
  readonly disable: (subscriptionId: string, order: Effect<'disable'>) => Promise<void>
  /** The ledger is away for a while: wait, and burn nothing. */
  readonly patience: Patience
  readonly now: () => EpochMs
}

/** Told what became of a delivery that a partition offered. */
export interface OfferListener {
  recorded(deliveryId: string): void
  handedBack(deliveryId: string): void
}

/** Carries out one supervisor's orders. Posts and records are bounded by the behaviour; a newer `wakeAt` replaces the older. */
export const performSubscription =
  (ports: SubscriptionPorts, subscriptionId: string, offers: OfferListener) =>
  (effects$: Observable<SubscriptionEffect>): Observable<SubscriptionMessage> =>
    merge(
      effects$.pipe(only('post'), mergeMap(post(ports))),
      effects$.pipe(only('record'), mergeMap(record(ports, offers))),
      // One at a time by the behaviour; a pull that is asked for while the last one ends waits for that end.
      effects$.pipe(only('pull'), concatMap(pull(ports, subscriptionId))),
      effects$.pipe(only('askTurn'), mergeMap(askTurn(ports, subscriptionId))),
      effects$.pipe(only('readTurns'), concatMap(readTurns(ports, subscriptionId))),
      // In order: the last state of a circuit must stand last.
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

/** Says once that no more orders come: a clock that is set for tomorrow must not keep an actor from its end. */
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
        return { type: 'recorded', row: written, stored } as const
      }),
    )

const pull =
  (ports: SubscriptionPorts, subscriptionId: string) =>
  ({ limit }: Effect<'pull'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.due(subscriptionId, limit)).pipe(
      map(({ rows, nextDueAt }) => ({ type: 'pulled', rows, asked: limit, nextDueAt }) as const),
    )

const askTurn =
  (ports: SubscriptionPorts, subscriptionId: string) =>
  ({ visitId }: Effect<'askTurn'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.nextInTurn(subscriptionId, visitId)).pipe(
      map(({ row, active }) => ({ type: 'turnCame', visitId, row, active }) as const),
    )

const readTurns = (ports: SubscriptionPorts, subscriptionId: string) => (): Observable<SubscriptionMessage> =>
  patiently(ports.patience, () => ports.turns(subscriptionId)).pipe(
    map(turns => ({ type: 'turnsRead', turns }) as const),
  )

/** Work that answers with no message. */
const quietly = (ports: SubscriptionPorts, work: () => Promise<void>): Observable<never> =>
  patiently(ports.patience, work).pipe(ignoreElements())
