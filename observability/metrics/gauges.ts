import { attributes as a, metricShapes as shapes } from '../names.ts'
import type { CircuitPhase } from '../../src/domain/health.ts'
import type { SubscriptionStatus } from '../../src/domain/subscription.ts'
import { read, whenCollected } from './reads.ts'
import { observeServers, type ServerSources } from './servers.ts'
import { observeProcess } from './process.ts'

/** One supervisor in this process's memory. */
export interface Supervised {
  readonly id: string
  readonly tenant: string
  readonly inFlight: number
  readonly inFlightLimit: number
  readonly waiting: number
  readonly circuit: CircuitPhase
}

/** Where gauges are read from, when somebody collects. */
export interface GaugeSources extends ServerSources {
  readonly supervised: () => readonly Supervised[]
  readonly openMessages: () => number
  readonly mailboxDepth: () => number
  readonly partitionsOwned: () => number
  readonly partitions: number
  readonly subscriptions: () => Iterable<{ readonly status: SubscriptionStatus }>
  /** Null: no retention is done here. */
  readonly retentionAgeS: () => number | null
  readonly signingKeyAgeS: () => number
  /** Null: rotated by command only. */
  readonly signingKeyLifetimeS: number | null
}

export const observeGauges = (sources: GaugeSources): void => {
  read(shapes.supervisors, () => sources.supervised().length)
  read(shapes.inFlight, () => sum(sources.supervised(), ({ inFlight }) => inFlight))
  read(shapes.waitingInMemory, () => sum(sources.supervised(), ({ waiting }) => waiting))
  read(shapes.openMessages, sources.openMessages)
  read(shapes.mailboxDepth, sources.mailboxDepth)
  read(shapes.partitionsOwned, sources.partitionsOwned)
  read(shapes.partitions, () => sources.partitions)
  read(shapes.retentionAge, sources.retentionAgeS)
  read(shapes.signingKeyAge, sources.signingKeyAgeS)
  read(shapes.signingKeyLifetime, () => sources.signingKeyLifetimeS)
  observeSubscriptions(sources)
  observeServers(sources)
  observeProcess()
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, each) => total + of(each), 0)

const circuitValue: Readonly<Record<CircuitPhase, number>> = { closed: 0, 'half-open': 1, open: 2 }
/** As many as the tallies: the dashboard of one subscription needs them, and each is four series. */
const limit = 500

const observeSubscriptions = ({ supervised, subscriptions }: GaugeSources): void =>
  whenCollected(observe => {
    const counts = { active: 0, paused: 0, disabled: 0 }
    for (const { status } of subscriptions()) counts[status] += 1
    for (const [status, count] of Object.entries(counts))
      observe(shapes.subscriptions, count, { [a.subscriptionStatus]: status })
    for (const { id, tenant, inFlight, inFlightLimit, waiting, circuit } of supervised().slice(0, limit)) {
      const labels = { [a.tenant]: tenant, [a.subscription]: id }
      observe(shapes.subscriptionInFlight, inFlight, labels)
      observe(shapes.subscriptionInFlightLimit, inFlightLimit, labels)
      observe(shapes.subscriptionWaiting, waiting, labels)
      observe(shapes.subscriptionCircuit, circuitValue[circuit], labels)
    }
  })
