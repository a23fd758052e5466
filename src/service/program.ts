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

/** Starts what `npm start` runs: embedded servers if none are named, `/metrics`, the service, and worker processes. */
export const startProgram = async (program: Program, running: AsyncDisposableStack): Promise<void> => {
  const { settings, log, telemetry, stop } = program
  /** Registers the end of a part. When it fails, the other parts are stopped all the same. */
  const stopLater = (part: { stop(): Promise<void> }) =>
    running.defer(() => part.stop().catch((error: unknown) => logFault(log, error)))
  const servers = await openServers({ settings, log, onServerExit: () => stop(1) }, running)
  // Registered before the service, so that it runs after the service has stopped and exports its last spans and lines.
  running.defer(telemetry.shutdown)
  const metrics = await openMetrics(program)
  if (metrics !== null) stopLater(metrics)
  const resolved = { ...settings, ...servers }
  const service = await startService({ ...resolved, role: roleOf(settings) }, log)
  stopLater(service)
  if (settings.workers > 1) stopLater(startWorkerProcesses(resolved, service.url, log))
  greet({
    settings,
    url: service.url,
    metricsUrl: metrics?.url ?? null,
    generatedToken: settings.adminToken === null ? servers.adminToken : null,
  })
}

const openMetrics = async ({ scrape, settings: { metricsHost: host, metricsPort: port } }: Program) =>
  scrape === null || port === null ? null : serveMetrics(scrape, { host, port })

/** A process that starts workers leaves the deliveries to them. */
const roleOf = ({ role, workers }: Settings): ServiceSettings['role'] => (workers > 1 && role === 'all' ? 'api' : role)
