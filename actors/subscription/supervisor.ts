import { map, type Observable } from 'rxjs'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import { type ActorRef, type Beginning, spawn } from '../kit/actor.ts'
import type { Behaviour } from '../kit/behaviour.ts'
import type { Clock } from '../kit/clock.ts'
import { patiently } from '../kit/patiently.ts'
import { type Directive, restartOnFault } from '../kit/supervision.ts'
import { superviseSubscription } from './behaviour.ts'
import { createOffers, type Offers } from './offers.ts'
import { performSubscription, type SubscriptionPorts } from './performers.ts'
import type { StoredState, SubscriptionEffect, SubscriptionMessage } from './protocol.ts'
import { initialState, type SubscriptionState } from './state.ts'

export interface SupervisorPorts extends SubscriptionPorts {
  /** Returns the subscription as it is stored now; undefined when it is deleted. */
  readonly byId: (id: string) => Subscription | undefined
  /** Reads what outlived the previous supervisor. */
  readonly stored: (subscription: Subscription) => Promise<StoredState>
  readonly clock: Clock
  readonly onFault: (subscriptionId: string, fault: unknown, directive: Directive) => void
}

/** The state of the partition that its supervisors share. */
export interface PartitionPhase {
  readonly ending: boolean
  /** The stream has delivered again what the partition's previous owner had in hand. */
  readonly caughtUp: boolean
}

/** One running supervisor. */
export interface Supervisor {
  readonly actor: ActorRef<SubscriptionMessage>
  readonly offers: Offers
  /** Returns the state after the last message; null before the first. */
  state(): SubscriptionState | null
}

/** More than a partition's window, so that an offer finds the mailbox full only while its supervisor restarts. */
const mailboxCapacity = 1_024

/** Starts the supervisor of one subscription. */
export const startSupervisor = (
  ports: SupervisorPorts,
  subscription: Subscription,
  nextDueAt: EpochMs | null,
  partition: PartitionPhase,
): Supervisor => {
  const { id } = subscription
  const offers = createOffers()
  let last: SubscriptionState | null = null
  let isRestart = false

  /** Begins from stored state. After a restart the actor first hears again every offer that is not settled, in order. */
  const begin = (): Observable<Beginning<SubscriptionState, SubscriptionMessage>> =>
    patiently(ports.patience, () => read(ports, subscription)).pipe(
      map(({ known, stored }) => {
        const state = initialState({ subscription: known ?? subscription, nextDueAt, stored })
        const first: SubscriptionMessage[] = offers.inHand().map(delivery => ({ type: 'offered', delivery }))
        if (partition.caughtUp) first.push({ type: 'caughtUp' })
        if (isRestart) first.push({ type: 'backlogChanged' })
        isRestart = true
        // The subscription may have been deleted between the match and the offer: then nothing is posted.
        return { state: known === undefined ? { ...state, phase: 'removed' } : state, first }
      }),
    )
  const behaviour: Behaviour<SubscriptionState, SubscriptionMessage, SubscriptionEffect> = (state, message, moment) => {
    if (message.type === 'offered') offers.received(message.delivery.id)
    const step = superviseSubscription(state, message, moment)
    last = step.state
    return step
  }
  const actor: ActorRef<SubscriptionMessage> = spawn({
    name: `subscription ${id}`,
    begin,
    behaviour,
    perform: performSubscription(ports, id, offers),
    isDone: state => state.phase === 'done',
    capacity: mailboxCapacity,
    clock: ports.clock,
    supervision: restartOnFault,
    onFault: (fault, directive) => {
      ports.onFault(id, fault, directive)
      // A restarted actor would not know that the partition is ending. Its deliveries return to the stream or are still due.
      if (partition.ending) actor.kill()
    },
  })
  return { actor, offers, state: () => last }
}

/** Reads the subscription as it is now, and what is stored for these settings. Later changes wait in the mailbox. */
const read = async (ports: SupervisorPorts, subscription: Subscription) => {
  const known = ports.byId(subscription.id)
  return { known, stored: await ports.stored(known ?? subscription) }
}
