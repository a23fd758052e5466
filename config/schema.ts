import type { IdentityProviderSettings } from '../src/domain/identity-provider.ts'

/** One setting: where it comes from, what it means, how it is read. This table is the documentation that `--help` prints. */
export interface SettingShape {
  readonly name: string
  readonly meaning: string
  /** As text, as it would stand in the environment; none: not set. */
  readonly fallback?: string
  /** Shown by `--help` where the default is not a fixed text. */
  readonly fallbackText?: string
  /** True: never printed. */
  readonly secret?: boolean
}

export const settingShapes = {
  port: { name: 'PORT', meaning: 'Port of the API and page, 0–65535; 0 takes a free one', fallback: '3000' },
  host: { name: 'HOST', meaning: 'Address to listen on', fallback: '127.0.0.1' },
  publicUrl: {
    name: 'PUBLIC_URL',
    meaning: 'Where others reach this service: issuer of signatures, base of links',
    fallbackText: 'http://HOST:PORT',
  },
  metricsPort: {
    name: 'DOORBELL_METRICS_PORT',
    meaning:
      'A port of its own for /metrics, in Prometheus’ text format: no token is asked there, so let only Prometheus reach it. ' +
      '0 takes a free one; the worker processes of DOORBELL_WORKERS take the ports after it',
    fallbackText: 'none: no /metrics',
  },
  metricsHost: { name: 'DOORBELL_METRICS_HOST', meaning: 'Address that /metrics listens on', fallbackText: 'HOST' },
  natsUrl: {
    name: 'NATS_URL',
    meaning:
      'NATS servers, separated by commas; with nats://user:password@host or nats://token@host if they ask who comes',
    fallbackText: 'a nats-server of its own',
  },
  mongodbUrl: { name: 'MONGODB_URL', meaning: 'MongoDB replica set', fallbackText: 'a mongod of its own' },
  dataDir: {
    name: 'DOORBELL_DATA_DIR',
    meaning: 'Folder of the embedded servers’ data, the token and the key',
    fallback: '.doorbell',
  },
  role: { name: 'DOORBELL_ROLE', meaning: 'all, api or worker', fallback: 'all' },
  workers: {
    name: 'DOORBELL_WORKERS',
    meaning: 'Worker processes, 1–32. With role all and more than 1, this process is the API and starts them',
    fallback: '1',
  },
  adminToken: {
    name: 'DOORBELL_ADMIN_TOKEN',
    meaning: 'The operator’s bearer token, at least 16 characters',
    fallbackText: 'generated into the data folder while a server is embedded, else required',
    secret: true,
  },
  encryptionKey: {
    name: 'DOORBELL_ENCRYPTION_KEY',
    meaning: 'Key that encrypts signing keys and secrets at rest, 32 bytes as base64',
    fallbackText: 'generated into the data folder while a server is embedded, else required',
    secret: true,
  },
  previousEncryptionKeys: {
    name: 'DOORBELL_ENCRYPTION_KEY_PREVIOUS',
    meaning: 'Earlier encryption keys, separated by commas: what they sealed is sealed anew at the start',
    fallbackText: 'none',
    secret: true,
  },
  signingAlg: {
    name: 'DOORBELL_SIGNING_ALG',
    meaning: 'Algorithm of signing keys that are made from now on: ES256 or Ed25519',
    fallback: 'ES256',
  },
  keyRotationDays: {
    name: 'DOORBELL_KEY_ROTATION_DAYS',
    meaning: 'How long a signing key signs, 0–3650 days; 0: until it is rotated by command',
    fallback: '90',
  },
  egressPorts: {
    name: 'DOORBELL_EGRESS_PORTS',
    meaning: 'Ports that endpoints may have, separated by commas, also ranges, e.g. 443,8000-8999',
    fallbackText: 'all but those of well-known other services',
  },
  egressCa: {
    name: 'DOORBELL_EGRESS_CA',
    meaning: 'File with certificates (PEM) of private authorities that endpoints may be certified by',
    fallbackText: 'the public ones alone',
  },
  egressAllow: {
    name: 'DOORBELL_EGRESS_ALLOW',
    meaning: 'Address ranges that deliveries may reach although they are private, e.g. 127.0.0.0/8,10.1.0.0/16',
    fallback: '',
  },
  egressHttp: { name: 'DOORBELL_EGRESS_HTTP', meaning: 'true: endpoints may be plain http', fallback: 'false' },
  sync: {
    name: 'DOORBELL_SYNC',
    meaning:
      'How the nats-server flushes, the embedded one or yours: always (202 means on disk; events that come together share a flush) or interval (every 2 minutes; enough where a cluster of three keeps each event)',
    fallback: 'always',
  },
  replicas: {
    name: 'DOORBELL_STREAM_REPLICAS',
    meaning: 'Replicas of the stream: 1, or 3 in a NATS cluster',
    fallback: '1',
  },
  partitions: {
    name: 'DOORBELL_PARTITIONS',
    meaning:
      'Partitions of the stream, 1–256, the same in every process: as many workers can share the work. ' +
      'A change is made by the first start, while nothing waits and no worker runs',
    fallback: '16',
  },
  requestsPerMinute: {
    name: 'DOORBELL_REQUESTS_PER_MINUTE',
    meaning: 'Requests that one token may send to one process in a minute, events apart; over it: 429',
    fallback: '6000',
  },
  eventsPerMinute: {
    name: 'DOORBELL_EVENTS_PER_MINUTE',
    meaning: 'Requests with events that one token may send to one process in a minute; over it: 429',
    fallback: '120000',
  },
  corsOrigins: {
    name: 'DOORBELL_CORS_ORIGINS',
    meaning: 'Origins whose pages may call the API from a browser, separated by commas; *: any',
    fallback: '',
  },
  payloadRetentionDays: {
    name: 'DOORBELL_PAYLOAD_RETENTION_DAYS',
    meaning: 'How long events, bodies and receivers’ answers are kept, 1–30 days; a tenant may set its own',
    fallback: '7',
  },
  logRetentionDays: {
    name: 'DOORBELL_LOG_RETENTION_DAYS',
    meaning: 'How long the delivery log is kept, 1–365 days, not shorter than the payload; a tenant may set its own',
    fallback: '30',
  },
  identityProviderIssuer: {
    name: 'DOORBELL_IDP_ISSUER',
    meaning: 'Issuer of the portal’s user tokens (JWT): its users may call the API with them',
    fallbackText: 'none: no users',
  },
  identityProviderAudience: {
    name: 'DOORBELL_IDP_AUDIENCE',
    meaning: 'Audience of those tokens',
    fallback: 'doorbell',
  },
  identityProviderJwksUrl: {
    name: 'DOORBELL_IDP_JWKS_URL',
    meaning: 'Key set of the issuer',
    fallbackText: 'ISSUER/.well-known/jwks.json',
  },
  identityProviderTenantClaim: {
    name: 'DOORBELL_IDP_TENANT_CLAIM',
    meaning: 'Claim that names the tenant; dots lead into objects',
    fallback: 'tenant',
  },
  identityProviderRoleClaim: {
    name: 'DOORBELL_IDP_ROLE_CLAIM',
    meaning: 'Claim with the role, or a list of them: admin or viewer',
    fallback: 'role',
  },
  identityProviderOperatorRole: {
    name: 'DOORBELL_IDP_OPERATOR_ROLE',
    meaning: 'Role that has the operator’s rights',
    fallbackText: 'none',
  },
  auditRetentionDays: {
    name: 'DOORBELL_AUDIT_RETENTION_DAYS',
    meaning: 'How long the audit keeps who changed what, 1–3650',
    fallback: '365',
  },
  jaegerUrl: { name: 'DOORBELL_JAEGER_URL', meaning: 'Base of links to traces', fallbackText: 'no links' },
  logLevel: { name: 'DOORBELL_LOG_LEVEL', meaning: 'trace, debug, info, warn, error or silent', fallback: 'info' },
} as const satisfies Record<string, SettingShape>

/** The settings as the service uses them. */
export interface Settings {
  readonly port: number
  readonly host: string
  /** Null: made of host and port once the port is known. */
  readonly publicUrl: string | null
  /** Null: metrics are not served. */
  readonly metricsPort: number | null
  readonly metricsHost: string
  readonly natsUrl: string | null
  readonly mongodbUrl: string | null
  readonly dataDir: string
  readonly role: 'all' | 'api' | 'worker'
  readonly workers: number
  readonly adminToken: string | null
  readonly encryptionKey: Uint8Array | null
  readonly previousEncryptionKeys: readonly Uint8Array[]
  readonly signingAlg: 'ES256' | 'Ed25519'
  readonly keyRotationDays: number
  /** Null: all that are not another service's. */
  readonly egressPorts: readonly (readonly [from: number, to: number])[] | null
  /** PEM, beside the public authorities. */
  readonly egressCa: string | null
  readonly egressAllow: readonly string[]
  readonly egressHttp: boolean
  readonly sync: 'always' | 'interval'
  readonly replicas: number
  readonly partitions: number
  readonly requestsPerMinute: number
  readonly eventsPerMinute: number
  readonly corsOrigins: readonly string[]
  readonly payloadRetentionDays: number
  readonly logRetentionDays: number
  /** Null: the portal has no users of its own here. */
  readonly identityProvider: IdentityProviderSettings | null
  readonly auditRetentionDays: number
  readonly jaegerUrl: string | null
  readonly logLevel: string
}
