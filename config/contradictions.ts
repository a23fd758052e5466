import type { Fault } from '../src/domain/failure.ts'
import type { Settings } from './settings.ts'

/** The faults of settings that are valid on their own but not together. */
export const contradictions = (settings: Settings): readonly Fault[] => {
  const { role, workers, natsUrl, mongodbUrl, adminToken, encryptionKey } = settings
  const { logRetentionDays, payloadRetentionDays } = settings
  const areServersNamed = natsUrl !== null && mongodbUrl !== null
  const why = 'is required with NATS_URL and MONGODB_URL, since every process must have the same:'
  const rules: readonly (readonly [isBroken: boolean, pointer: string, detail: string])[] = [
    [
      role !== 'all' && !areServersNamed,
      'DOORBELL_ROLE',
      `"${role}" shares its servers with other processes: set NATS_URL and MONGODB_URL`,
    ],
    [
      role === 'api' && workers > 1,
      'DOORBELL_WORKERS',
      `"${workers}" conflicts with DOORBELL_ROLE=api, which runs no worker: leave it out`,
    ],
    [
      logRetentionDays < payloadRetentionDays,
      'DOORBELL_LOG_RETENTION_DAYS',
      `"${logRetentionDays}" is shorter than the payload is kept (${payloadRetentionDays} days): raise it`,
    ],
    [areServersNamed && adminToken === null, 'DOORBELL_ADMIN_TOKEN', `${why} e.g. from \`openssl rand -hex 24\``],
    [
      areServersNamed && encryptionKey === null,
      'DOORBELL_ENCRYPTION_KEY',
      `${why} e.g. from \`openssl rand -base64 32\``,
    ],
  ]
  const broken = rules.filter(([isBroken]) => isBroken).map(([, pointer, detail]) => ({ pointer, detail }))
  return [...broken, ...metricsPortFaults(settings)]
}

/** Each worker process takes its own port after `metricsPort`. A process that cannot have its port would be restarted again and again. */
const metricsPortFaults = ({ port, host, metricsPort, metricsHost, workers, role }: Settings): readonly Fault[] => {
  if (!metricsPort) return []
  const last = metricsPort + (workers === 1 ? 0 : role === 'all' ? workers : workers - 1)
  const taken = last === metricsPort ? `"${metricsPort}"` : `"${metricsPort}" with the workers’ ports, up to ${last},`
  const fault = (why: string) => [{ pointer: 'DOORBELL_METRICS_PORT', detail: `${taken} ${why}` }]
  if (last > 65_535) return fault('exceeds the last port, 65535: choose a lower one')
  const isShared = host === metricsHost && port >= metricsPort && port <= last
  return isShared ? fault(`conflicts with PORT=${port}: choose another`) : []
}
