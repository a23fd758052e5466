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
  of,
  switchMap,
  takeUntil,
  timer,
} from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { AttemptOrder, AttemptResult } from '../attempt/protocol.ts'
import { patiently, type Patience } from '../kit/with-patience.ts'
import type { SubscriptionEffect, SubscriptionMessage } from './protocol.ts'

/** What a supervisor's orders need of the world. */
export interface SubscriptionPorts {
  readonly attempt: (order: AttemptOrder) => Promise<AttemptResult>
  /** Writes a row; `stored` says that it exists. Resolves when it is durable. */
  readonly record: (row: Delivery, stored: boolean) => Promise<void>
  /** Due rows, oldest first, and when the first row that is due later will be. */
  readonly due: (
    subscriptionId: string,
    limit: number,
  ) => Promise<{ rows: readonly Delivery[]; nextDueAt: EpochMs | null }>
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
  async ({ work, subscription, number }: Effect<'post'>): Promise<SubscriptionMessage> => {
    const { attempt, outcome } = await ports.attempt({ delivery: work.delivery, subscription, number })
    return { type: 'attempted', work, attempt, outcome }
  }

const record =
  (ports: SubscriptionPorts, offers: OfferListener) =>
  ({ row, stored }: Effect<'record'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.record(row, stored)).pipe(
      mergeMap(() => {
        offers.recorded(row.id)
        return of({ type: 'recorded', row, stored } as const)
      }),
    )

const pull =
  (ports: SubscriptionPorts, subscriptionId: string) =>
  ({ limit }: Effect<'pull'>): Observable<SubscriptionMessage> =>
    patiently(ports.patience, () => ports.due(subscriptionId, limit)).pipe(
      map(({ rows, nextDueAt }) => ({ type: 'pulled', rows, asked: limit, nextDueAt }) as const),
    )
