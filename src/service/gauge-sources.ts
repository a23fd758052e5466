import type { Settings } from '../../config/settings.ts'
import type { GaugeSources } from '../../observability/metrics/gauges.ts'
import { dayMs } from '../domain/retention.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { KeyRing } from '../signing/key-ring.ts'
import type { Streams } from '../streams/connect.ts'
import type { Worker } from './worker.ts'

interface Parts {
  readonly settings: Pick<Settings, 'keyRotationDays' | 'partitions'>
  readonly streams: Streams
  readonly ledger: Ledger
  readonly directory: Directory
  readonly keyRing: KeyRing
  /** Null in the role api, and before it has started. */
  readonly worker: () => Worker | null
}

/** Of what the whole fleet shares one tells: whoever has this partition. */
const tellersPartition = 0

const secondsSince = (at: number | null): number => (at === null ? 0 : Math.max(0, Date.now() - at) / 1_000)

/** Where the gauges of observability/metrics are read from. */
export const gaugeSourcesOf = ({ settings, streams, ledger, directory, keyRing, worker }: Parts): GaugeSources => {
  const own = () => worker()?.partitions() ?? []
  const tells = () => own().includes(tellersPartition)
  return {
    supervised: () => worker()?.supervised() ?? [],
    openMessages: () => worker()?.openMessages() ?? 0,
    mailboxDepth: () => worker()?.mailboxDepth() ?? 0,
    partitionsOwned: () => own().length,
    partitions: settings.partitions,
    subscriptions: directory.all,
    retentionAgeS: () => {
      const ageMs = worker()?.retentionAgeMs()
      return ageMs === undefined ? null : ageMs / 1_000
    },
    signingKeyAgeS: () => secondsSince(keyRing.currentSince()),
    signingKeyLifetimeS: settings.keyRotationDays === 0 ? null : (settings.keyRotationDays * dayMs) / 1_000,
    pings: { nats: streams.ping, mongodb: ledger.ping },
    stream: async () => {
      if (!tells()) return null
      const { messages, bytes, firstAt } = await streams.state()
      return { messages, bytes, firstAgeS: secondsSince(firstAt) }
    },
    consumers: async () => {
      const states = await streams.consumerStates(own())
      return states.map(({ oldestAt, ...state }) => ({ ...state, oldestAgeS: secondsSince(oldestAt) }))
    },
    ledger: async () => {
      if (!tells()) return null
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
