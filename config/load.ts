import { resolve } from 'node:path'
import { Failure, type Fault } from '../src/domain/failure.ts'
import {
  oneOf,
  readBase64Key,
  readBoolean,
  readEach,
  readOrigins,
  readPemFile,
  readPortRange,
  readRanges,
  readUrl,
  readUrls,
  readWhole,
} from './read.ts'
import { type Settings, type SettingShape, settingShapes } from './schema.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings. Throws Failure `invalid_settings` that names every fault at once: setting, value, remedy. */
export const loadSettings = (environment: Environment): Settings => {
  const faults: Fault[] = unknownSettings(environment)

  /** The value read by `reader`, or null with a fault when it is not to be read. */
  const read = <T>(shape: SettingShape, reader: (text: string) => T): T | null => {
    // Set to nothing is not set, as in a compose file: `HOST=` must not come to mean every address.
    const text = environment[shape.name] || shape.fallback
    if (text === undefined) return null
    try {
      return reader(text)
    } catch (error) {
      const value = shape.secret === true ? 'its value' : `"${withoutCredentials(text)}"`
      faults.push({ pointer: shape.name, detail: `${value} ${error instanceof Error ? error.message : String(error)}` })
      return null
    }
  }

  const shapes = settingShapes
  const settings: Settings = {
    port: read(shapes.port, readWhole(0, 65_535)) ?? 0,
    host: read(shapes.host, text => text) ?? '',
    publicUrl: read(shapes.publicUrl, readUrl(['http:', 'https:'])),
    metricsPort: read(shapes.metricsPort, readWhole(0, 65_535)),
    metricsHost: read(shapes.metricsHost, text => text) ?? read(shapes.host, text => text) ?? '',
    natsUrl: read(shapes.natsUrl, readUrls(['nats:', 'tls:'])),
    mongodbUrl: read(shapes.mongodbUrl, readUrls(['mongodb:', 'mongodb+srv:'])),
    dataDir: resolve(read(shapes.dataDir, text => text) ?? '.doorbell'),
    role: read(shapes.role, oneOf('all', 'api', 'worker')) ?? 'all',
    workers: read(shapes.workers, readWhole(1, 32)) ?? 1,
    adminToken: read(shapes.adminToken, readSecret),
    encryptionKey: read(shapes.encryptionKey, readBase64Key(32)),
    previousEncryptionKeys: read(shapes.previousEncryptionKeys, readEach(readBase64Key(32))) ?? [],
    signingAlg: read(shapes.signingAlg, oneOf('ES256', 'Ed25519')) ?? 'ES256',
    keyRotationDays: read(shapes.keyRotationDays, readWhole(0, 3_650)) ?? 90,
    egressPorts: read(shapes.egressPorts, readEach(readPortRange)),
    egressCa: read(shapes.egressCa, readPemFile),
    egressAllow: read(shapes.egressAllow, readRanges) ?? [],
    egressHttp: read(shapes.egressHttp, readBoolean) ?? false,
    sync: read(shapes.sync, oneOf('always', 'interval')) ?? 'always',
    replicas: read(shapes.replicas, readWhole(1, 5)) ?? 1,
    partitions: read(shapes.partitions, readWhole(1, 256)) ?? 16,
    requestsPerMinute: read(shapes.requestsPerMinute, readWhole(1, 100_000_000)) ?? 1,
    eventsPerMinute: read(shapes.eventsPerMinute, readWhole(1, 100_000_000)) ?? 1,
    corsOrigins: read(shapes.corsOrigins, readOrigins) ?? [],
    payloadRetentionDays: read(shapes.payloadRetentionDays, readWhole(1, 30)) ?? 1,
    logRetentionDays: read(shapes.logRetentionDays, readWhole(1, 365)) ?? 1,
    identityProvider: identityProvider(read),
    auditRetentionDays: read(shapes.auditRetentionDays, readWhole(1, 3_650)) ?? 365,
    jaegerUrl: read(shapes.jaegerUrl, readUrl(['http:', 'https:'])),
    logLevel: read(shapes.logLevel, oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent')) ?? 'info',
  }
  faults.push(...inconsistencies(settings))
  if (faults.length === 0) return settings
  const lines = faults.map(({ pointer, detail }) => `  ${pointer}: ${detail}`)
  throw new Failure(
    'invalid_settings',
    `The settings cannot be used:\n${lines.join('\n')}\nAll settings: npm start -- --help`,
    { faults },
  )
}

type Read = <T>(shape: SettingShape, reader: (text: string) => T) => T | null

const identityProvider = (read: Read): Settings['identityProvider'] => {
  const shapes = settingShapes
  const asIs = (text: string) => text
  const issuer = read(shapes.identityProviderIssuer, text => (readUrl(['http:', 'https:'])(text), text))
  const jwksUrl = read(shapes.identityProviderJwksUrl, readUrl(['http:', 'https:']))
  if (issuer === null) return null
  return {
    issuer,
    audience: read(shapes.identityProviderAudience, asIs) ?? '',
    jwksUrl: jwksUrl ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`,
    tenantClaim: read(shapes.identityProviderTenantClaim, asIs) ?? '',
    roleClaim: read(shapes.identityProviderRoleClaim, asIs) ?? '',
    operatorRole: read(shapes.identityProviderOperatorRole, asIs),
  }
}

/** A server's url with its user and password, if any, made unreadable. */
const withoutCredentials = (url: string): string => url.replaceAll(/\/\/[^/]*@/g, '//***@')

const readSecret = (text: string): string => {
  if (text.length < 16) throw new Error('is too short: use at least 16 characters, e.g. from `openssl rand -hex 24`')
  return text
}

/** Settings that fit each for itself but not together. */
const inconsistencies = (settings: Settings): Fault[] => {
  const { role, workers, natsUrl, mongodbUrl, adminToken, encryptionKey } = settings
  const faults: Fault[] = []
  const external = natsUrl !== null && mongodbUrl !== null
  if (role !== 'all' && !external)
    faults.push({
      pointer: 'DOORBELL_ROLE',
      detail: `"${role}" shares its servers with other processes: set NATS_URL and MONGODB_URL`,
    })
  if (role === 'api' && workers > 1)
    faults.push({
      pointer: 'DOORBELL_WORKERS',
      detail: `"${workers}" does not fit DOORBELL_ROLE=api, which runs no worker: leave it out`,
    })
  faults.push(...portsInEachOthersWay(settings))
  if (settings.logRetentionDays < settings.payloadRetentionDays)
    faults.push({
      pointer: 'DOORBELL_LOG_RETENTION_DAYS',
      detail: `"${settings.logRetentionDays}" is shorter than the payload is kept (${settings.payloadRetentionDays} days): raise it`,
    })
  const reason = 'is required with NATS_URL and MONGODB_URL, since every process must have the same:'
  if (external && adminToken === null)
    faults.push({ pointer: 'DOORBELL_ADMIN_TOKEN', detail: `${reason} e.g. from \`openssl rand -hex 24\`` })
  if (external && encryptionKey === null)
    faults.push({ pointer: 'DOORBELL_ENCRYPTION_KEY', detail: `${reason} e.g. from \`openssl rand -base64 32\`` })
  return faults
}

/** The worker processes take the ports after `metricsPort` (src/main.ts): one that cannot have its own would be started again and again. */
const portsInEachOthersWay = ({ port, host, metricsPort, metricsHost, workers, role }: Settings): Fault[] => {
  if (!metricsPort) return []
  const last = metricsPort + (workers === 1 ? 0 : role === 'all' ? workers : workers - 1)
  const taken = last === metricsPort ? `"${metricsPort}"` : `"${metricsPort}" and the workers’, up to ${last},`
  const fault = (why: string) => [{ pointer: 'DOORBELL_METRICS_PORT', detail: `${taken} ${why}` }]
  if (last > 65_535) return fault('goes beyond the last port, 65535: choose a lower one')
  const isShared = host === metricsHost && port >= metricsPort && port <= last
  return isShared ? fault(`is in the way of PORT=${port}: choose another`) : []
}

const known = new Set<string>(Object.values(settingShapes).map(({ name }) => name))

/** A misspelt setting would be ignored in silence otherwise. `DOORBELL_TEST_…` belongs to the tests. */
const unknownSettings = (environment: Environment): Fault[] =>
  Object.keys(environment)
    .filter(name => name.startsWith('DOORBELL_') && !name.startsWith('DOORBELL_TEST_') && !known.has(name))
    .map(name => ({
      pointer: name,
      detail: `is not a setting of Doorbell. Nearest: ${nearest(name)}. Remove or correct it`,
    }))

const nearest = (name: string): string =>
  [...known].toSorted((a, b) => common(b, name) - common(a, name) || a.length - b.length)[0] ?? ''

/** How many pairs of neighbouring letters of `a` stand in `b`. */
const common = (a: string, b: string): number =>
  Array.from({ length: a.length - 1 }, (_, index) => a.slice(index, index + 2)).filter(pair => b.includes(pair)).length

/** What `npm start -- --help` prints. */
export const helpText = (): string => {
  const shapes: readonly SettingShape[] = Object.values(settingShapes)
  const lines = shapes.map(shape => {
    const fallback = shape.fallbackText ?? (shape.fallback === '' ? 'none' : shape.fallback)
    return `  ${shape.name.padEnd(26)}${shape.meaning}\n${' '.repeat(28)}default: ${fallback}`
  })
  return [
    'Doorbell: webhooks for visitor check-ins.',
    '',
    'Usage: npm start [-- --help]',
    '',
    'Settings (environment):',
    ...lines,
    '',
    'OpenTelemetry: the standard OTEL_* variables, e.g. OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318.',
  ].join('\n')
}
