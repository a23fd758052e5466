import type { Log } from '../../observability/log.ts'
import { type Processes, startProcesses } from './processes.ts'
import type { ServiceSettings } from './settings.ts'

/** Starts the worker processes that DOORBELL_WORKERS asks for beside this one, with the servers, token and key that this one has. */
export const startWorkerProcesses = (
  settings: ServiceSettings,
  url: string,
  log: Pick<Log, 'error'>,
  start = startProcesses,
): Processes => {
  const { natsUrl, natsMonitorUrls, mongodbUrl, adminToken, encryptionKey, publicUrl, metricsPort, role, workers } =
    settings
  const environment = {
    DOORBELL_ROLE: 'worker',
    DOORBELL_WORKERS: '1',
    PORT: '0',
    NATS_URL: natsUrl,
    DOORBELL_NATS_MONITOR_URL: natsMonitorUrls.join(),
    MONGODB_URL: mongodbUrl,
    DOORBELL_ADMIN_TOKEN: adminToken,
    DOORBELL_ENCRYPTION_KEY: Buffer.from(encryptionKey).toString('base64'),
    PUBLIC_URL: publicUrl ?? url,
  }
  return start({
    count: role === 'all' ? workers : workers - 1,
    environmentOf: number => ({ ...environment, DOORBELL_METRICS_PORT: portAfter(metricsPort, number + 1) }),
    onExit: end =>
      log.error(
        { ...end, remedy: 'fix its cause; other workers take over its partitions until it is back' },
        'a worker process ended and is restarted',
      ),
  })
}

/** Returns the metrics port of a worker process, which follows this one's. With 0 each takes any free port, and with null none serves metrics. */
const portAfter = (port: number | null, number: number): string =>
  port === null ? '' : String(port === 0 ? 0 : port + number)
