import type { Log } from '../../observability/log.ts'
import { createMetrics } from '../../observability/metrics.ts'
import { observeGauges } from '../../observability/metrics/gauges.ts'
import { keepKeys } from '../jobs/key-rotation.ts'
import { createApp } from './app.ts'
import { loggedDescriptorLimit } from './descriptors.ts'
import { createDraining } from './draining.ts'
import { createEvents } from './events.ts'
import { gaugeSourcesOf } from './gauge-sources.ts'
import { openHttpServer } from './http-server.ts'
import { openKeyRing } from './key-ring.ts'
import { openReconciler } from './open-reconciler.ts'
import type { Parts } from './parts.ts'
import { createPausedPartitions } from './paused-partitions.ts'
import { createPatience } from './patience.ts'
import { createSending, openEgress } from './sending.ts'
import type { ServiceSettings } from './settings.ts'
import { createStartWait } from './start-wait.ts'
import { openStores } from './stores.ts'
import { startWorker, type Worker } from './worker.ts'

export interface Service {
  /** Where the API listens. */
  readonly url: string
  /** Stops all parts in the reverse order of their start. Work under way is finished or handed back. A second call waits for the first. */
  stop(): Promise<void>
}

/** What reaches outside the process. The simulation starts a service over models of these. */
const real = { openHttpServer, openStores, openEgress, openKeyRing }

/**
 * Starts all parts of the service, and waits for servers that are not there yet until `stopping` is aborted. Each part registers its end, so a
 * stop closes them in reverse; so does a start that fails at a later part.
 */
export const startService = async (
  settings: ServiceSettings,
  log: Log,
  stopping: AbortSignal = new AbortController().signal,
  open = real,
): Promise<Service> => {
  await using opening = new AsyncDisposableStack()
  const metrics = createMetrics()
  const patience = createPatience(log)
  const draining = createDraining()
  const paused = createPausedPartitions()
  const { untilThere, awaited } = createStartWait({ log, stopping })
  const http = await open.openHttpServer(settings, awaited)
  opening.defer(http.close)
  const stores = await open.openStores({ settings, patience, metrics, log, untilThere }, opening)
  const reconciler = await openReconciler({ stores, settings, paused, log, untilThere }, opening)
  const egress = open.openEgress(settings, loggedDescriptorLimit(log))
  opening.defer(egress.close)
  const keyRing = await untilThere('MongoDB', () => open.openKeyRing(stores, settings, http.publicUrl))
  opening.defer(keepKeys({ keyRing, log, now: Date.now }, settings.keyRotationDays).stop)
  const sending = createSending({ stores, egress, keyRing, cutOff: draining.cutOff, metrics, log })
  const events = createEvents(stores.streams, metrics, reconciler.assertDeliverable)
  const parts: Parts = {
    settings,
    ...stores,
    ...events,
    ...sending,
    egress,
    keyRing,
    patience,
    reconciler,
    paused,
    metrics,
    log,
  }

  let worker: Worker | null = null
  observeGauges(
    gaugeSourcesOf(parts, () => worker),
    metrics,
  )
  if (settings.role !== 'api') worker = await startWorker(parts, untilThere)
  opening.defer(() => draining.drain(http, worker))
  http.serve(createApp(parts, http.publicUrl, draining))

  const running = opening.move()
  const stop = async () => {
    log.info({}, 'stopping: no new requests, attempts under way are finished')
    await running.disposeAsync()
    log.info({}, 'stopped: every delivery is in the ledger or still in the stream')
  }
  let stopped: Promise<void> | null = null
  return { url: http.url, stop: () => (stopped ??= stop()) }
}
