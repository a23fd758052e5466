import { attributes as a, metricShapes as shapes } from '../names.ts'
import type { DeliveryReason, DeliveryStatus } from '../../src/domain/delivery.ts'
import { gauge, meter } from './instruments.ts'
import { lookedAt } from './looked-at.ts'

/** The stream, as NATS tells of it. */
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

/** What waits in the ledger, and how the endpoints are. */
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

/** Null: not this process's to tell. A rejection, or no answer in time: nothing is told. */
export interface ServerSources {
  readonly pings: Readonly<Record<'nats' | 'mongodb', () => Promise<unknown>>>
  readonly stream: () => Promise<StreamState | null>
  readonly consumers: () => Promise<readonly ConsumerState[]>
  readonly ledger: () => Promise<LedgerState | null>
  readonly subscriptions: () => Iterable<unknown>
}

type Fault = 'own' | 'receiver' | 'customer'

/** On whose account a row waits. Without a reason it waits for its next attempt after one that failed. */
const faultOf: Readonly<Partial<Record<DeliveryReason, Fault>>> = {
  own_fault: 'own',
  paused: 'customer',
  rate_limited: 'customer',
  waiting_turn: 'customer',
  replay: 'customer',
  resent: 'customer',
}

/** Counting a million waiting rows takes MongoDB half a second. */
const countMs = 30_000

/** Gauges of NATS and MongoDB: asked when somebody collects, at most every ten seconds (rows: thirty), and for two seconds at most. */
export const observeServers = (sources: ServerSources): void => {
  const up = gauge(shapes.dependencyUp)
  for (const [dependency, ping] of Object.entries(sources.pings)) {
    const answers = lookedAt(() => ping().then(() => true))
    const labels = { [a.dependency]: dependency }
    up.addCallback(async result => result.observe((await answers()) === null ? 0 : 1, labels))
  }
  observeStream(sources)
  observeConsumers(sources)
  observeLedger(sources)
}

const observeStream = ({ stream }: ServerSources): void => {
  const state = lookedAt(stream)
  const [messages, bytes, age] = [gauge(shapes.streamMessages), gauge(shapes.streamBytes), gauge(shapes.streamAge)]
  meter().addBatchObservableCallback(
    async result => {
      const now = await state()
      if (now === null) return
      result.observe(messages, now.messages)
      result.observe(bytes, now.bytes)
      result.observe(age, now.firstAgeS)
    },
    [messages, bytes, age],
  )
}

const observeConsumers = ({ consumers }: ServerSources): void => {
  const state = lookedAt(consumers)
  const pending = gauge(shapes.consumerPending)
  const ackPending = gauge(shapes.consumerAckPending)
  const redelivered = gauge(shapes.consumerRedelivered)
  const age = gauge(shapes.consumerAge)
  meter().addBatchObservableCallback(
    async result => {
      for (const each of (await state()) ?? []) {
        const labels = { [a.partition]: String(each.partition) }
        result.observe(pending, each.pending, labels)
        result.observe(ackPending, each.ackPending, labels)
        result.observe(redelivered, each.redelivered, labels)
        result.observe(age, each.oldestAgeS, labels)
      }
    },
    [pending, ackPending, redelivered, age],
  )
}

const observeLedger = ({ ledger, subscriptions }: ServerSources): void => {
  const state = lookedAt(ledger, countMs)
  const age = gauge(shapes.backlogAge)
  const rows = gauge(shapes.backlogRows)
  const all = gauge(shapes.ledgerRows)
  const circuits = gauge(shapes.circuits)
  const erasures = gauge(shapes.erasuresRunning)
  const erasureAge = gauge(shapes.erasureAge)
  meter().addBatchObservableCallback(
    async result => {
      const now = await state()
      if (now === null) return
      const oldest: Record<Fault, number> = { own: 0, receiver: 0, customer: 0 }
      for (const { status, reason, count, oldestAgeS } of now.waiting) {
        result.observe(rows, count, { [a.deliveryStatus]: status, [a.deliveryReason]: reason ?? 'none' })
        const fault = (reason && faultOf[reason]) ?? 'receiver'
        oldest[fault] = Math.max(oldest[fault], oldestAgeS)
      }
      for (const [fault, ageS] of Object.entries(oldest)) result.observe(age, ageS, { [a.fault]: fault })
      result.observe(all, now.rows)
      const { open, 'half-open': halfOpen } = now.circuits
      const closed = Math.max(0, [...subscriptions()].length - open - halfOpen)
      for (const [phase, count] of Object.entries({ closed, open, 'half-open': halfOpen }))
        result.observe(circuits, count, { [a.circuitState]: phase })
      result.observe(erasures, now.erasures.running)
      result.observe(erasureAge, now.erasures.oldestAgeS)
    },
    [age, rows, all, circuits, erasures, erasureAge],
  )
}
