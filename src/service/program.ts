import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../observability/log.ts'
import { greet } from './greet.ts'
import { logFault } from './life.ts'
import { serveMetrics } from './metrics-port.ts'
import { openServers } from './own-servers.ts'
import { startService } from './service.ts'
import type { ServiceSettings } from './settings.ts'
import { startWorkerProcesses } from './worker-processes.ts'

export interface Program {
  readonly settings: Settings
  readonly log: Log
  /** Exports the last spans, metrics and lines. */
  readonly telemetry: { shutdown(): Promise<void> }
  /** The text of `/metrics`; null where it is not served. */
  readonly scrape: { text(): Promise<string> } | null
  readonly stop: (exitCode: number) => void
}

/** What a program is made of. */
const real = { openServers, serveMetrics, startService, startWorkerProcesses, greet }

/** Starts what `npm start` runs: embedded servers if none are named, `/metrics`, the service, and worker processes. */
export const startProgram = async (program: Program, running: AsyncDisposableStack, parts = real): Promise<void> => {
  const { settings, log, telemetry, scrape, stop } = program
  /** Registers the end of a part. When it fails, the other parts are stopped all the same. */
  const stopLater = (part: { stop(): Promise<void> }) =>
    running.defer(() => part.stop().catch((error: unknown) => logFault(log, error)))
  const servers = await parts.openServers({ settings, log, onServerExit: () => stop(1) }, running)
  // Registered before the service, so that it runs after the service has stopped and exports its last spans and lines.
  running.defer(telemetry.shutdown)
  const { metricsHost: host, metricsPort: port } = settings
  const metrics = scrape === null || port === null ? null : await parts.serveMetrics(scrape, { host, port })
  if (metrics !== null) stopLater(metrics)
  const resolved = { ...settings, ...servers }
  const stopping = new AbortController()
  const starting = parts.startService({ ...resolved, role: roleOf(settings) }, log, stopping.signal)
  // A stop also ends a start that still waits for a server.
  const stopService = async () => {
    stopping.abort()
    await (await starting.catch(() => null))?.stop()
  }
  stopLater({ stop: stopService })
  const service = await starting
  if (stopping.signal.aborted) return
  if (settings.workers > 1) stopLater(parts.startWorkerProcesses(resolved, service.url, log))
  parts.greet({
    settings,
    url: service.url,
    metricsUrl: metrics?.url ?? null,
    generatedToken: settings.adminToken === null ? servers.adminToken : null,
  })
}

/** A process that starts workers leaves the deliveries to them. */
const roleOf = ({ role, workers }: Settings): ServiceSettings['role'] => (workers > 1 && role === 'all' ? 'api' : role)
