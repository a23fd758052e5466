import type { Observable } from 'rxjs'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { Subscription, SubscriptionChange } from '../../src/domain/subscription.ts'
import type { Supervised } from '../../src/domain/supervised.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { OfferResult } from './protocol.ts'
import type { SubscriptionState } from './state.ts'
import { startSupervisor, type Supervisor, type SupervisorPorts } from './supervisor.ts'

export interface SupervisorsPorts extends SupervisorPorts {
  readonly changes$: Observable<SubscriptionChange>
  /** Cancels the rows of a deleted subscription. */
  readonly cancelAll: (subscriptionId: string) => Promise<unknown>
}

/** The supervisors of one partition, one for each subscription, created on demand. */
export interface Supervisors {
  /** Hands over a new delivery. Resolves when its row is durable, or when the stream must deliver the event again. */
  offer(subscription: Subscription, delivery: Delivery): Promise<OfferResult>
  /** Reports that the ledger has rows of this subscription to process. */
  wake(subscriptionId: string): void
  /** Reports that a test event has succeeded at this subscription's endpoint. */
  tested(subscriptionId: string): void
  /** Removes supervisors without work from memory. */
  dismissIdle(): void
  readonly size: number
  /** Returns the supervisors in memory that have started. */
  supervised(): Supervised[]
  /** Returns the number of messages in all mailboxes. */
  depth(): number
  /** Reports that the stream has delivered again what the partition's previous owner had in hand. */
  caughtUp(): void
  /** Ends all supervisors: they finish what is under way and hand back the rest. */
  drain(): Promise<void>
}

export const createSupervisors = (ports: SupervisorsPorts): Supervisors => {
  const running = new Map<string, Supervisor>()
  const partition = { ending: false, caughtUp: false }

  const start = (subscription: Subscription, nextDueAt: EpochMs | null): Supervisor => {
    const supervisor = startSupervisor(ports, subscription, nextDueAt, partition)
    running.set(subscription.id, supervisor)
    const forget = () => {
      supervisor.offers.handBackAll()
      running.delete(subscription.id)
    }
    supervisor.actor.ended.then(forget, forget)
    if (nextDueAt !== null) supervisor.actor.tell({ type: 'backlogChanged' })
    return supervisor
  }

  const cancelAll = (id: string) => void ports.cancelAll(id).catch((error: unknown) => ports.patience.onWait(error, 0))

  const apply = (change: SubscriptionChange) => {
    const id = change.type === 'removed' ? change.id : change.subscription.id
    const actor = running.get(id)?.actor
    if (change.type === 'changed') return void actor?.tell({ type: 'configured', subscription: change.subscription })
    actor?.tell({ type: 'removed' })
    return cancelAll(id)
  }
  const following = ports.changes$.subscribe(apply)

  return {
    offer: (subscription, delivery) => {
      if (partition.ending) return Promise.resolve('handed_back')
      const { actor, offers } = running.get(subscription.id) ?? start(subscription, null)
      const underWay = offers.underWay(delivery.id)
      if (underWay !== undefined) return underWay
      const result = offers.open(delivery)
      if (!actor.tell({ type: 'offered', delivery })) offers.handedBack(delivery.id)
      return result
    },
    wake: id => {
      if (partition.ending) return undefined
      const known = running.get(id)
      if (known !== undefined) return void known.actor.tell({ type: 'backlogChanged' })
      const subscription = ports.byId(id)
      if (subscription !== undefined) start(subscription, ports.now())
      else cancelAll(id)
      return undefined
    },
    tested: id => {
      const subscription = ports.byId(id)
      if (partition.ending || subscription === undefined) return
      const { actor } = running.get(id) ?? start(subscription, null)
      actor.tell({ type: 'tested' })
    },
    dismissIdle: () => running.forEach(({ actor }) => actor.tell({ type: 'idled' })),
    get size() {
      return running.size
    },
    supervised: () =>
      [...running.values()].flatMap(supervisor => {
        const state = supervisor.state()
        return state === null ? [] : [supervisedOf(state)]
      }),
    depth: () => [...running.values()].reduce((sum, { actor }) => sum + actor.depth(), 0),
    caughtUp: () => {
      if (partition.caughtUp) return
      partition.caughtUp = true
      running.forEach(({ actor }) => actor.tell({ type: 'caughtUp' }))
    },
    drain: async () => {
      partition.ending = true
      following.unsubscribe()
      const ends = [...running.values()].map(({ actor }) => (actor.tell({ type: 'drain' }), actor.ended))
      await Promise.allSettled(ends)
    },
  }
}

const supervisedOf = ({ subscription, inFlight, limit, fresh, backlog, circuit }: SubscriptionState): Supervised => ({
  id: subscription.id,
  tenant: subscription.tenant,
  inFlight,
  inFlightLimit: Math.min(Math.floor(limit.limit), subscription.maxInFlight),
  waiting: fresh.length + backlog.length,
  circuit: circuit.phase,
})
