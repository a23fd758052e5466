import { attributes as a, metricShapes as shapes } from '../names.ts'
import type { DeliveryReason, DeliveryStatus } from '../../src/domain/delivery.ts'
import { recentAnswer } from './recent-answer.ts'
import { type Observe, onCollect } from './observed.ts'

/** The stream’s size, from NATS. */
export interface StreamState {
  readonly messages: number
  readonly bytes: number
  readonly firstAgeS: number
}

export interface ConsumerState {
  readonly partition: number
  readonly pending: number
  readonly ackPending: number
  readonly redelivered: number
  readonly oldestAgeS: number
}

/** What waits in the ledger, and the states of the circuits. */
export interface LedgerState {
  readonly rows: number
  readonly waiting: readonly {
    readonly status: DeliveryStatus
    readonly reason: DeliveryReason | undefined
    readonly count: number
    readonly oldestAgeS: number
  }[]
  readonly circuits: { readonly open: number; readonly 'half-open': number }
  readonly erasures: { readonly running: number; readonly oldestAgeS: number }
}

/** A source returns null when another process reports these figures. When it rejects or is late, nothing is reported. */
export interface ServerSources {
  readonly pings: Readonly<Record<'nats' | 'mongodb', () => Promise<unknown>>>
  /** The broken objects of each kind that Doorbell needs in a server. */
  readonly broken: () => readonly { readonly system: string; readonly requirement: string; readonly broken: number }[]
  readonly stream: () => Promise<StreamState | null>
  readonly consumers: () => Promise<readonly ConsumerState[]>
  readonly ledger: () => Promise<LedgerState | null>
  readonly subscriptions: () => Iterable<unknown>
}

type Fault = 'own' | 'receiver' | 'customer'

/** On whose account a row waits. A row without a reason waits for its next attempt after a failed one. */
const faultOf: Readonly<Partial<Record<DeliveryReason, Fault>>> = {
  own_fault: 'own',
  paused: 'customer',
  rate_limited: 'customer',
  waiting_turn: 'customer',
  replay: 'customer',
  resent: 'customer',
}

/** MongoDB takes half a second to count a million waiting rows. */
const countMs = 30_000

/** Reports the gauges of NATS and MongoDB. They are asked at collection, at most every ten seconds (rows: thirty), and have two seconds to answer. */
export const observeServers = (sources: ServerSources): void => {
  for (const [dependency, ping] of Object.entries(sources.pings)) {
    const answers = recentAnswer(() => ping().then(() => true))
    const labels = { [a.dependency]: dependency }
    onCollect(async observe => observe(shapes.dependencyUp, (await answers()) === null ? 0 : 1, labels))
  }
  onCollect(observe => {
    for (const { system, requirement, broken } of sources.broken())
      observe(shapes.brokenRequirements, broken, { [a.dependency]: system, [a.requirement]: requirement })
  })
  const stream = recentAnswer(sources.stream)
  onCollect(async observe => observeStream(observe, await stream()))
  const consumers = recentAnswer(sources.consumers)
  onCollect(async observe => observeConsumers(observe, (await consumers()) ?? []))
  const ledger = recentAnswer(sources.ledger, { keepMs: countMs })
  onCollect(async observe => observeLedger(observe, await ledger(), sources.subscriptions))
}

const observeStream = (observe: Observe, state: StreamState | null): void => {
  if (state === null) return
  observe(shapes.streamMessages, state.messages)
  observe(shapes.streamBytes, state.bytes)
  observe(shapes.streamAge, state.firstAgeS)
}

const observeConsumers = (observe: Observe, states: readonly ConsumerState[]): void => {
  for (const { partition, pending, ackPending, redelivered, oldestAgeS } of states) {
    const labels = { [a.partition]: String(partition) }
    observe(shapes.consumerPending, pending, labels)
    observe(shapes.consumerAckPending, ackPending, labels)
    observe(shapes.consumerRedelivered, redelivered, labels)
    observe(shapes.consumerAge, oldestAgeS, labels)
  }
}

const observeLedger = (observe: Observe, state: LedgerState | null, subscriptions: () => Iterable<unknown>): void => {
  if (state === null) return
  const oldest: Record<Fault, number> = { own: 0, receiver: 0, customer: 0 }
  for (const { status, reason, count, oldestAgeS } of state.waiting) {
    observe(shapes.backlogRows, count, { [a.deliveryStatus]: status, [a.deliveryReason]: reason ?? 'none' })
    const fault = (reason && faultOf[reason]) ?? 'receiver'
    oldest[fault] = Math.max(oldest[fault], oldestAgeS)
  }
  for (const [fault, ageS] of Object.entries(oldest)) observe(shapes.backlogAge, ageS, { [a.fault]: fault })
  observe(shapes.ledgerRows, state.rows)
  const { open, 'half-open': halfOpen } = state.circuits
  const closed = Math.max(0, [...subscriptions()].length - open - halfOpen)
  for (const [phase, count] of Object.entries({ closed, open, 'half-open': halfOpen }))
    observe(shapes.circuits, count, { [a.circuitState]: phase })
  observe(shapes.erasuresRunning, state.erasures.running)
  observe(shapes.erasureAge, state.erasures.oldestAgeS)
}
