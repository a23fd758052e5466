import { attributes as a, metricShapes as shapes } from '../names.ts'
import type { CircuitPhase } from '../../src/domain/health.ts'
import type { SubscriptionStatus } from '../../src/domain/subscription.ts'
import type { Supervised } from '../../src/domain/supervised.ts'
import { places } from './busiest-counts.ts'
import { observeValue, onCollect } from './observed.ts'
import { observeServers, type ServerSources } from './servers.ts'
import { observeProcess } from './process.ts'

/** Which subscriptions have series of their own. */
interface SeriesOfSubscriptions {
  readonly subscriptionHasSeries: (subscriptionId: string) => boolean
}

/** Where gauges are read from when metrics are collected. */
export interface GaugeSources extends ServerSources {
  readonly supervised: () => readonly Supervised[]
  readonly attemptLimit: number
  readonly openMessages: () => number
  readonly mailboxDepth: () => number
  readonly partitionsOwned: () => number
  readonly partitions: number
  readonly subscriptions: () => Iterable<{ readonly status: SubscriptionStatus }>
  /** How long ago the directory of subscriptions was confirmed to be complete. */
  readonly directoryAgeS: () => number
  /** Null when this process does no retention. */
  readonly retentionAgeS: () => number | null
  readonly signingKeyAgeS: () => number
  /** Null when keys are rotated by command only. */
  readonly signingKeyLifetimeS: number | null
}

/** Reports the gauges of the service, its servers and its process at each collection. */
export const observeGauges = (sources: GaugeSources, { subscriptionHasSeries }: SeriesOfSubscriptions): void => {
  observeValue(shapes.supervisors, () => sources.supervised().length)
  observeValue(shapes.inFlight, () => sum(sources.supervised(), ({ inFlight }) => inFlight))
  observeValue(shapes.attemptLimit, () => sources.attemptLimit)
  observeValue(shapes.waitingInMemory, () => sum(sources.supervised(), ({ waiting }) => waiting))
  observeValue(shapes.openMessages, sources.openMessages)
  observeValue(shapes.mailboxDepth, sources.mailboxDepth)
  observeValue(shapes.partitionsOwned, sources.partitionsOwned)
  observeValue(shapes.partitions, () => sources.partitions)
  observeValue(shapes.directoryAge, sources.directoryAgeS)
  observeValue(shapes.retentionAge, sources.retentionAgeS)
  observeValue(shapes.signingKeyAge, sources.signingKeyAgeS)
  observeValue(shapes.signingKeyLifetime, () => sources.signingKeyLifetimeS)
  observeStatuses(sources)
  observeSupervised(sources, subscriptionHasSeries)
  observeServers(sources)
  observeProcess()
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, each) => total + of(each), 0)

const circuitValue: Readonly<Record<CircuitPhase, number>> = { closed: 0, 'half-open': 1, open: 2 }

const observeStatuses = ({ subscriptions }: GaugeSources): void =>
  onCollect(observe => {
    const counts = { active: 0, paused: 0, disabled: 0 }
    for (const { status } of subscriptions()) counts[status] += 1
    for (const [status, count] of Object.entries(counts))
      observe(shapes.subscriptions, count, { [a.subscriptionStatus]: status })
  })

/** The dashboard of one subscription shows its attempts beside these gauges, so those whose attempts have series come first. */
const observeSupervised = ({ supervised }: GaugeSources, hasSeries: (id: string) => boolean): void =>
  onCollect(observe => {
    const all = supervised()
    const chosen =
      all.length <= places ? all : all.toSorted((one, other) => Number(hasSeries(other.id)) - Number(hasSeries(one.id)))
    for (const { id, tenant, inFlight, inFlightLimit, waiting, circuit } of chosen.slice(0, places)) {
      const labels = { [a.tenant]: tenant, [a.subscription]: id }
      observe(shapes.subscriptionInFlight, inFlight, labels)
      observe(shapes.subscriptionInFlightLimit, inFlightLimit, labels)
      observe(shapes.subscriptionWaiting, waiting, labels)
      observe(shapes.subscriptionCircuit, circuitValue[circuit], labels)
    }
  })
