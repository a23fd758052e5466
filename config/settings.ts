import type { IdentityProviderSettings } from '../src/domain/identity-provider.ts'
import { signingAlgorithms } from '../src/domain/signing-key.ts'
import {
  absolutePath,
  addressRange,
  anyText,
  base64Key,
  dnsServer,
  exactUrl,
  listOf,
  oneOf,
  origin,
  pemFile,
  portRange,
  serverUrls,
  token,
  trueOrFalse,
  url,
  wholeNumber,
} from './parsers.ts'
import { optional, type Setting, setting, type ValueOf } from './setting.ts'

const port = wholeNumber(0, 65_535)
const link = url('http:', 'https:')
const generated = 'generated in the data folder if a server is embedded, otherwise required'

const address = {
  port: setting('PORT', port, '3000').doc('Port of the API and the portal page; 0 chooses a free one.'),
  host: setting('HOST', anyText, '127.0.0.1').doc('Address to listen on.'),
  publicUrl: optional('PUBLIC_URL', link, 'http://HOST:PORT').doc(
    'URL at which others reach this service. It is the issuer of signatures and the base of links.',
  ),
}

const servers = {
  natsUrl: optional('NATS_URL', serverUrls('nats:', 'tls:'), 'an embedded nats-server').doc(
    'NATS servers, separated by commas; with credentials: nats://user:password@host or nats://token@host.',
  ),
  natsMonitorUrls: setting('DOORBELL_NATS_MONITOR_URL', listOf(link), '').doc(
    'Monitoring addresses of the nats-servers (http_port), separated by commas. From there Doorbell reads whether they flush each event to ' +
      'disk before it is answered 202, which a server shows to no client.',
  ),
  mongodbUrl: optional('MONGODB_URL', serverUrls('mongodb:', 'mongodb+srv:'), 'an embedded mongod').doc(
    'MongoDB replica set.',
  ),
  replicas: setting('DOORBELL_STREAM_REPLICAS', wholeNumber(1, 5), '1').doc(
    'Replicas of the stream; 3 in a NATS cluster of three.',
  ),
  dataDir: setting('DOORBELL_DATA_DIR', absolutePath, '.doorbell').doc(
    'Folder for the data of embedded servers, the generated token and the generated key.',
  ),
}

const processes = {
  role: setting('DOORBELL_ROLE', oneOf('all', 'api', 'worker'), 'all').doc(
    'Whether this process answers requests (api), delivers (worker), or does both.',
  ),
  workers: setting('DOORBELL_WORKERS', wholeNumber(1, 32), '1').doc(
    'Worker processes. With role all and more than 1, this process is the API and starts the workers.',
  ),
}

const secrets = {
  adminToken: optional('DOORBELL_ADMIN_TOKEN', token, generated).secret(
    'Bearer token of the operator, at least 16 characters.',
  ),
  encryptionKey: optional('DOORBELL_ENCRYPTION_KEY', base64Key(32), generated).secret(
    'Key that encrypts signing keys and secrets at rest, 32 bytes as base64.',
  ),
  previousEncryptionKeys: setting('DOORBELL_ENCRYPTION_KEY_PREVIOUS', listOf(base64Key(32)), '').secret(
    'Earlier encryption keys, separated by commas. The start re-encrypts what they encrypted.',
  ),
}

const endpoints = {
  egressAllow: setting('DOORBELL_EGRESS_ALLOW', listOf(addressRange), '').doc(
    'Private address ranges that deliveries may reach, e.g. 127.0.0.0/8,10.1.0.0/16.',
  ),
  egressHttp: setting('DOORBELL_EGRESS_HTTP', trueOrFalse, 'false').doc('Whether endpoints may use plain http.'),
}

const retention = {
  payloadRetentionDays: setting('DOORBELL_PAYLOAD_RETENTION_DAYS', wholeNumber(1, 30), '7').doc(
    'Days for which events, bodies and receivers’ responses are kept. A tenant may set its own.',
  ),
  logRetentionDays: setting('DOORBELL_LOG_RETENTION_DAYS', wholeNumber(1, 365), '30').doc(
    'Days for which the delivery log is kept, at least as long as the payload. A tenant may set its own.',
  ),
}

const observability = {
  metricsPort: optional('DOORBELL_METRICS_PORT', port, 'none: no /metrics').doc(
    'Port of /metrics in the text format of Prometheus; 0 chooses a free one. It needs no token, so allow only ' +
      'Prometheus to reach it. The processes of DOORBELL_WORKERS use the ports after it.',
  ),
  jaegerUrl: optional('DOORBELL_JAEGER_URL', link, 'no links').doc('URL of Jaeger, for links to traces.'),
  logLevel: setting('DOORBELL_LOG_LEVEL', oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'), 'info').doc(
    'Least severe level that is logged.',
  ),
}

export const identityProvider = {
  issuer: optional('DOORBELL_IDP_ISSUER', exactUrl('http:', 'https:'), 'none: no users').doc(
    'Issuer of the tokens (JWT) with which the portal’s users call the API.',
  ),
  audience: setting('DOORBELL_IDP_AUDIENCE', anyText, 'doorbell').doc('Audience of those tokens.'),
  jwksUrl: optional('DOORBELL_IDP_JWKS_URL', link, 'ISSUER/.well-known/jwks.json').doc('Key set of the issuer.'),
  tenantClaim: setting('DOORBELL_IDP_TENANT_CLAIM', anyText, 'tenant').doc(
    'Claim that names the tenant. A dot separates the names of nested objects.',
  ),
  roleClaim: setting('DOORBELL_IDP_ROLE_CLAIM', anyText, 'role').doc(
    'Claim with the role or a list of roles: admin, viewer, or that of DOORBELL_IDP_OPERATOR_ROLE.',
  ),
  operatorRole: optional('DOORBELL_IDP_OPERATOR_ROLE', anyText, 'none').doc('Role that has the operator’s rights.'),
}

const rarelyNeeded = {
  metricsHost: optional('DOORBELL_METRICS_HOST', anyText, 'HOST').doc('Address that /metrics listens on.'),
  partitions: setting('DOORBELL_PARTITIONS', wholeNumber(1, 256), '16').doc(
    'Partitions of the stream, the same in every process: at most as many workers share the work. The first start with ' +
      'another number changes it, if no event waits and no worker runs.',
  ),
  sync: setting('DOORBELL_SYNC', oneOf('always', 'interval'), 'always').doc(
    'How often the nats-server flushes to disk: before each 202, where concurrent events share a flush (always), or every ' +
      '2 minutes, which is enough in a cluster of three (interval). A nats-server of your own does what its sync_interval says: ' +
      'with always, /readyz reports when that is an interval.',
  ),
  egressPorts: optional('DOORBELL_EGRESS_PORTS', listOf(portRange), 'all but those of well-known other services').doc(
    'Ports that endpoints may use, separated by commas, e.g. 443,8000-8999.',
  ),
  egressCa: optional('DOORBELL_EGRESS_CA', pemFile, 'only public authorities').doc(
    'File with certificates (PEM) of private authorities that may certify endpoints.',
  ),
  egressDns: optional('DOORBELL_EGRESS_DNS', listOf(dnsServer), 'those of the system').doc(
    'DNS servers for the names of endpoints, separated by commas, e.g. 10.0.0.53,10.0.0.54:5353.',
  ),
  connectionMaxAgeSeconds: setting('DOORBELL_CONNECTION_MAX_AGE_SECONDS', wholeNumber(1, 86_400), '60').doc(
    'Seconds after which a connection to an endpoint takes no further request, so that its name, address and certificate ' +
      'are checked again.',
  ),
  signingAlg: setting('DOORBELL_SIGNING_ALG', oneOf(...signingAlgorithms), 'ES256').doc(
    'Algorithm of the signing keys that are created from now on.',
  ),
  keyRotationDays: setting('DOORBELL_KEY_ROTATION_DAYS', wholeNumber(0, 3_650), '90').doc(
    'Days after which a signing key is replaced; 0: only by command.',
  ),
  requestsPerMinute: setting('DOORBELL_REQUESTS_PER_MINUTE', wholeNumber(1, 100_000_000), '6000').doc(
    'Requests without events that a process accepts from one token in a minute. Others are answered 429. The operator’s token has no limit.',
  ),
  eventsPerMinute: setting('DOORBELL_EVENTS_PER_MINUTE', wholeNumber(1, 100_000_000), '120000').doc(
    'Requests with events that a process accepts from one token in a minute. Others are answered 429. The operator’s token has no limit.',
  ),
  eventsPerVisit: setting('DOORBELL_EVENTS_PER_VISIT', wholeNumber(1, 100_000_000), '2000').doc(
    'Events of one visit that a process accepts in an hour. Others are answered 429: most likely a receiver publishes an ' +
      'event for each webhook.',
  ),
  corsOrigins: setting('DOORBELL_CORS_ORIGINS', listOf(origin), '').doc(
    'Origins of pages that may call the API from a browser, separated by commas; *: any.',
  ),
  auditRetentionDays: setting('DOORBELL_AUDIT_RETENTION_DAYS', wholeNumber(1, 3_650), '365').doc(
    'Days for which the audit log is kept.',
  ),
}

/** All settings by their key in the code; those of the identity provider become one value. */
export const plainSettings = {
  ...address,
  ...servers,
  ...processes,
  ...secrets,
  ...endpoints,
  ...retention,
  ...observability,
  ...rarelyNeeded,
}

/** In the order of `--help`. */
export const groups: readonly (readonly [heading: string, settings: Readonly<Record<string, Setting<unknown>>>])[] = [
  ['Address', address],
  ['Servers', servers],
  ['Processes', processes],
  ['Secrets', secrets],
  ['Endpoints', endpoints],
  ['Retention', retention],
  ['Observability', observability],
  ['Users of the portal, if it has its own identity provider', identityProvider],
  ['Rarely needed', rarelyNeeded],
]

export const allSettings: readonly Setting<unknown>[] = groups.flatMap(([, settings]) => Object.values(settings))

export type ValuesOf<S> = { readonly [Key in keyof S]: ValueOf<S[Key]> }

/** The settings as the service uses them. */
export interface Settings extends ValuesOf<typeof plainSettings> {
  readonly metricsHost: string
  /** Null: the portal has no users of its own here. */
  readonly identityProvider: IdentityProviderSettings | null
}
