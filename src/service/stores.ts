import type { Patience } from '../../actors/kit/patiently.ts'
import type { Log } from '../../observability/log.ts'
import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { reEncrypt } from '../jobs/re-encryption.ts'
import { streamKeepMs } from '../jobs/retention.ts'
import { startDirectory, type Directory } from '../ledger/directory.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import { type Activity, countActivity } from '../sending/count-activity.ts'
import { createSealer, type Sealer } from '../signing/sealer.ts'
import { connectStreams, type Streams } from '../streams/connect.ts'
import { createFlush, type Flush } from '../streams/flush.ts'
import { readFlush } from '../streams/read-flush.ts'
import type { StreamOptions } from '../streams/stream-config.ts'
import { logNews } from './findings.ts'
import type { Ground } from './reconcile.ts'
import { refuseWrongKey } from './refuse-wrong-key.ts'
import { retentionOf, type ServiceSettings } from './settings.ts'
import type { UntilThere } from './start-wait.ts'
import { ackWaitMs, leaseMs, partitionWindow } from './stream-limits.ts'

/** Everything that outlives the process, with the key that decrypts it. */
export interface Stores {
  readonly ledger: Ledger
  readonly streams: Streams
  readonly directory: Directory
  readonly activity: Activity
  readonly sealer: Sealer
  /** Whether what was accepted is on disk. */
  readonly flush: Flush
  /** What the stores need in their servers. */
  readonly grounds: readonly Ground[]
}

interface Options {
  readonly settings: ServiceSettings
  readonly patience: Patience
  readonly metrics: DoorbellMetrics
  readonly log: Log
  readonly untilThere: UntilThere
}

const real = { openLedger, connectStreams, startDirectory, createSealer }

/** Opens all stores as soon as their servers are there, and registers the end of each on `opening`. */
export const openStores = async (options: Options, opening: AsyncDisposableStack, open = real): Promise<Stores> => {
  const { settings, patience, log, untilThere } = options
  const ledger = await untilThere('MongoDB', () => open.openLedger(ledgerOptions(options)), closeLate)
  opening.defer(ledger.close)
  const streams = await untilThere('NATS', () => open.connectStreams(streamsOptions(options)), closeLate)
  opening.defer(streams.close)
  const streamOptions = await untilThere('MongoDB', () => streamOptionsOf(settings, ledger))
  logNews(log, [], await untilThere('the event stream', () => streams.ensure(streamOptions)))
  const sealer = open.createSealer(settings.encryptionKey, settings.previousEncryptionKeys)
  const reEncrypted = await untilThere('MongoDB', () => refuseWrongKey(reEncrypt(ledger, sealer)))
  if (reEncrypted > 0) log.info({ count: reEncrypted }, 're-encrypted with DOORBELL_ENCRYPTION_KEY')
  const activity = countActivity(ledger.activity.add, patience.onWait)
  opening.defer(activity.stop)
  const directory = await untilThere(
    'the subscriptions in MongoDB',
    () => open.startDirectory(ledger.subscriptions, log),
    late => late.stop(),
  )
  opening.defer(directory.stop)
  const flush = createFlush({
    replicas: async () => (await streams.state()).replicas,
    servers: () => Promise.all(settings.natsMonitorUrls.map(readFlush)),
    acceptsDelay: settings.sync === 'interval',
  })
  const grounds: Ground[] = [
    { system: 'nats', requirements: [...streams.requirements(streamOptions), flush], doubts$: streams.doubts$ },
    { system: 'mongodb', requirements: ledger.requirements, doubts$: ledger.doubts$ },
  ]
  return { ledger, streams, directory, activity, sealer, flush, grounds }
}

const closeLate = (late: { close(): Promise<void> }): Promise<void> => late.close()

const ledgerOptions = ({ settings, metrics, log }: Options): Parameters<typeof openLedger>[0] => ({
  auditRetentionDays: settings.auditRetentionDays,
  observer: metrics,
  url: settings.mongodbUrl,
  onDone: (migration, tookMs) => log.info({ migration, tookMs }, 'the ledger’s documents were migrated'),
  ...(settings.database === undefined ? {} : { database: settings.database }),
})

const streamsOptions = ({ settings, log }: Options): Parameters<typeof connectStreams>[0] => ({
  url: settings.natsUrl,
  log,
  groupCommit: settings.sync === 'always',
  ...(settings.database === undefined ? {} : { names: { stream: settings.database, root: settings.database } }),
})

/** The stream keeps events for the tenant with the longest retention. */
const streamOptionsOf = async (settings: ServiceSettings, ledger: Ledger): Promise<StreamOptions> => {
  const longestDays = Math.max(retentionOf(settings).payloadDays, await ledger.retention.longestPayloadDays())
  return {
    partitions: settings.partitions,
    replicas: settings.replicas,
    ackWaitMs,
    window: partitionWindow,
    leaseMs,
    keepMs: streamKeepMs(longestDays),
    progress: ledger.progress,
  }
}
