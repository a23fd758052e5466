import type { GaugeSources } from '../../observability/metrics/gauges.ts'
import { descriptorLimit } from '../../observability/metrics/descriptors.ts'
import { dayMs } from '../domain/time.ts'
import { attemptLimit } from './descriptors.ts'
import type { Parts } from './parts.ts'
import type { WorkerView } from './worker.ts'

/** What the whole fleet shares is reported once: by the owner of this partition. */
const reportersPartition = 0

const secondsSince = (at: number | null): number => (at === null ? 0 : Math.max(0, Date.now() - at) / 1_000)

/** Returns the sources that the gauges read. The worker is null in the role `api`, and until it has started. */
export const gaugeSourcesOf = (parts: Parts, worker: () => WorkerView | null): GaugeSources => {
  const { settings, streams, ledger, directory, keyRing, reconciler } = parts
  const owned = () => worker()?.partitions() ?? []
  return {
    supervised: () => worker()?.supervised() ?? [],
    attemptLimit: attemptLimit(descriptorLimit()),
    openMessages: () => worker()?.openMessages() ?? 0,
    mailboxDepth: () => worker()?.mailboxDepth() ?? 0,
    partitionsOwned: () => owned().length,
    partitions: settings.partitions,
    subscriptions: directory.all,
    directoryAgeS: () => directory.ageMs() / 1_000,
    retentionAgeS: () => {
      const ageMs = worker()?.retentionAgeMs()
      return ageMs === undefined ? null : ageMs / 1_000
    },
    signingKeyAgeS: () => secondsSince(keyRing.currentSince()),
    signingKeyLifetimeS: settings.keyRotationDays === 0 ? null : (settings.keyRotationDays * dayMs) / 1_000,
    broken: reconciler.counts,
    pings: { nats: streams.ping, mongodb: ledger.ping },
    ...serverSources(parts, owned),
  }
}

const serverSources = (
  { streams, ledger }: Pick<Parts, 'streams' | 'ledger'>,
  owned: () => readonly number[],
): Pick<GaugeSources, 'stream' | 'consumers' | 'ledger'> => {
  const isReporter = () => owned().includes(reportersPartition)
  return {
    stream: async () => {
      if (!isReporter()) return null
      const { messages, bytes, firstAt } = await streams.state()
      return { messages, bytes, firstAgeS: secondsSince(firstAt) }
    },
    consumers: async () => {
      const states = await streams.consumerStates(owned())
      return states.map(({ oldestAt, ...state }) => ({ ...state, oldestAgeS: secondsSince(oldestAt) }))
    },
    ledger: async () => {
      if (!isReporter()) return null
      const { rows, waiting, circuits, erasures } = await ledger.census()
      return {
        rows,
        waiting: waiting.map(({ oldestAt, ...each }) => ({ ...each, oldestAgeS: secondsSince(oldestAt) })),
        circuits,
        erasures: { running: erasures.running, oldestAgeS: secondsSince(erasures.oldestAt) },
      }
    },
  }
}
