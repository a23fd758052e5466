import type { Observable, Subscription as Listening } from 'rxjs'
import { map } from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { CircuitPhase } from '../../src/domain/health.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { type ActorRef, spawn } from '../kit/actor.ts'
import type { Behaviour } from '../kit/behaviour.ts'
import type { Clock } from '../kit/clock.ts'
import { type Directive, restartOnFault } from '../kit/supervision.ts'
import { patiently } from '../kit/patiently.ts'
import { superviseSubscription } from './behaviour.ts'
import { createOffers, type Offers } from './offers.ts'
import { performSubscription, type SubscriptionPorts } from './performers.ts'
import type { OfferResult, StoredState, SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { initialState, type SubscriptionState } from './state.ts'

export type SubscriptionChange =
  { readonly type: 'changed'; readonly subscription: Subscription } | { readonly type: 'removed'; readonly id: string }

export interface SupervisorsPorts extends SubscriptionPorts {
  /** The subscription as it is stored now; undefined when deleted. */
  readonly byId: (id: string) => Subscription | undefined
  readonly changes$: Observable<SubscriptionChange>
  /** What outlived the last supervisor. */
  readonly stored: (subscription: Subscription) => Promise<StoredState>
  /** Cancels the rows of a deleted subscription. */
  readonly cancelAll: (subscriptionId: string) => Promise<unknown>
  readonly clock: Clock
  readonly onFault: (subscriptionId: string, fault: unknown, directive: Directive) => void
}

/** What a supervisor has in hand just now, for whoever watches. */
export interface Supervised {
  readonly id: string
  readonly tenant: string
  readonly inFlight: number
  readonly inFlightLimit: number
  /** In memory, for a slot or a token. */
  readonly waiting: number
  readonly circuit: CircuitPhase
}

/** The supervisors of one partition: made on demand, one for each subscription. */
export interface Supervisors {
  /** Hands a new delivery over; resolves when its row is durable, or when it must be offered again. */
  offer(subscription: Subscription, delivery: Delivery): Promise<OfferResult>
  /** The ledger has rows of this subscription that somebody must look after. */
  wake(subscriptionId: string): void
  /** Lets supervisors with nothing to do leave memory. */
  dismissIdle(): void
  readonly size: number
  /** Those in memory that have begun. */
  supervised(): Supervised[]
  /** Messages in all mailboxes. */
  depth(): number
  /** The stream has offered again what the partition's last owner had in hand. */
  caughtUp(): void
  /** Ends all in order: what is under way is finished, the rest handed back. */
  drain(): Promise<void>
}

/** More than a partition's window, so that an offer finds the mailbox full only while its supervisor restarts. */
const mailboxCapacity = 1_024

interface Entry {
  /** The state after the last message; null before the first. */
  readonly seen: { state: SubscriptionState | null }
  readonly actor: ActorRef<SubscriptionMessage>
  readonly offers: Offers
}

export const createSupervisors = (ports: SupervisorsPorts): Supervisors => {
  const running = new Map<string, Entry>()
  let ending = false
  let caughtUp = false

  const start = (subscription: Subscription, nextDueAt: EpochMs | null): Entry => {
    const { id } = subscription
    const offers = createOffers()
    const seen: Entry['seen'] = { state: null }
    let begun = false
    /** From stored state; after a restart it hears again what was offered and not settled, in order. */
    const begin = () =>
      patiently(ports.patience, () => ports.stored(subscription)).pipe(
        map(stored => {
          const known = ports.byId(id)
          const state = initialState({ subscription: known ?? subscription, nextDueAt, stored })
          const again = offers.inHand().map((delivery): SubscriptionMessage => ({ type: 'offered', delivery }))
          const look: SubscriptionMessage[] = begun ? [{ type: 'backlogChanged' }] : []
          begun = true
          return {
            // Deleted between the match and the offer: nothing is posted there any more.
            state: known === undefined ? { ...state, phase: 'removed' as const } : state,
            first: [...again, ...(caughtUp ? [{ type: 'caughtUp' } as const] : []), ...look],
          }
        }),
      )
    const actor: ActorRef<SubscriptionMessage> = spawn({
      name: `subscription ${id}`,
      begin,
      behaviour: noting(offers, seen),
      perform: performSubscription(ports, id, offers),
      isDone: state => state.phase === 'done',
      capacity: mailboxCapacity,
      clock: ports.clock,
      supervision: restartOnFault,
      onFault: (fault, directive) => {
        ports.onFault(id, fault, directive)
        // It would begin anew without having heard of the end; what it held is back in the stream or still due.
        if (ending) actor.kill()
      },
    })
    const entry = { actor, offers, seen }
    running.set(id, entry)
    const forget = () => {
      offers.handBackAll()
      if (running.get(id) === entry) running.delete(id)
    }
    actor.ended.then(forget, forget)
    if (nextDueAt !== null) actor.tell({ type: 'backlogChanged' })
    return entry
  }

  const cancelAll = (id: string) => void ports.cancelAll(id).catch((error: unknown) => ports.patience.onWait(error, 0))

  const heed = (change: SubscriptionChange) => {
    const id = change.type === 'removed' ? change.id : change.subscription.id
    const actor = running.get(id)?.actor
    if (change.type === 'changed') return void actor?.tell({ type: 'configured', subscription: change.subscription })
    actor?.tell({ type: 'removed' })
    return cancelAll(id)
  }
  const listening: Listening = ports.changes$.subscribe(heed)

  return {
    offer: (subscription, delivery) => {
      if (ending) return Promise.resolve('handed_back')
      const { actor, offers } = running.get(subscription.id) ?? start(subscription, null)
      const underWay = offers.underWay(delivery.id)
      if (underWay !== undefined) return underWay
      const result = offers.open(delivery)
      if (!actor.tell({ type: 'offered', delivery })) offers.handedBack(delivery.id)
      return result
    },
    wake: id => {
      if (ending) return undefined
      const entry = running.get(id)
      if (entry !== undefined) return void entry.actor.tell({ type: 'backlogChanged' })
      const subscription = ports.byId(id)
      if (subscription !== undefined) start(subscription, ports.now())
      else cancelAll(id)
      return undefined
    },
    dismissIdle: () => running.forEach(({ actor }) => actor.tell({ type: 'idled' })),
    get size() {
      return running.size
    },
    supervised: () => [...running.values()].flatMap(({ seen: { state } }) => (state === null ? [] : [shown(state)])),
    depth: () => [...running.values()].reduce((sum, { actor }) => sum + actor.depth(), 0),
    caughtUp: () => {
      if (caughtUp) return
      caughtUp = true
      running.forEach(({ actor }) => actor.tell({ type: 'caughtUp' }))
    },
    drain: async () => {
      ending = true
      listening.unsubscribe()
      const ends = [...running.values()].map(
        ({ actor }) => (actor.tell({ type: 'drain' }), actor.ended.catch(() => undefined)),
      )
      await Promise.all(ends)
    },
  }
}

const shown = ({ subscription, inFlight, limit, fresh, backlog, circuit }: SubscriptionState): Supervised => ({
  id: subscription.id,
  tenant: subscription.tenant,
  inFlight,
  inFlightLimit: Math.min(Math.floor(limit.limit), subscription.maxInFlight),
  waiting: fresh.length + backlog.length,
  circuit: circuit.phase,
})

/** The behaviour, noting which offers left the mailbox, and what became of the state. */
const noting =
  (offers: Offers, seen: Entry['seen']): Behaviour<SubscriptionState, SubscriptionMessage, SubscriptionEffect> =>
  (state, message, moment) => {
    if (message.type === 'offered') offers.heard(message.delivery.id)
    const step = superviseSubscription(state, message, moment)
    seen.state = step.state
    return step
  }
