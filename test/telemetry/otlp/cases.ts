import { join } from 'node:path'
import type { Signal } from './receiver.ts'

export const signals = ['traces', 'metrics', 'logs'] as const

/** Settings of one run, beside an endpoint for everything and `otlp` for logs. */
export interface Case {
  readonly settings: (at: Place) => Readonly<Record<string, string>>
  /** The receiver never answers, and the SDK says so in these words. */
  readonly problem?: string
  /** What arrives without a shutdown. */
  readonly unasked?: readonly Signal[]
  /** The receiver asks for TLS and for a client's certificate. */
  readonly tls?: true
}

export interface Place {
  readonly url: string
  readonly grpcUrl: string
  readonly port: number
  readonly folder: string
}

const set = (settings: Readonly<Record<string, string>>): Case => ({ settings: () => settings })
/** The variable of each signal, and the general one away or otherwise. */
const each = (kind: string, of: (signal: Signal, at: Place) => string, general?: (at: Place) => object): Case => ({
  settings: at => ({
    ...general?.(at),
    ...Object.fromEntries(signals.map(name => [`OTEL_EXPORTER_OTLP_${name.toUpperCase()}_${kind}`, of(name, at)])),
  }),
})
const silent = (problem: string, settings: Readonly<Record<string, string>>): Case => ({ ...set(settings), problem })
const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const protocol = 'OTEL_EXPORTER_OTLP_PROTOCOL'
const schemeless = ({ grpcUrl }: Place) => ({ [endpoint]: grpcUrl.replace('http://', ''), [protocol]: 'grpc' })
const prometheus = ({ port }: Place) => ({
  OTEL_METRICS_EXPORTER: 'prometheus',
  OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
  OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
})
const secured = (infix: string): Case => ({
  tls: true,
  settings: ({ folder }) =>
    Object.fromEntries(
      (infix === '' ? [''] : signals.map(name => `${name.toUpperCase()}_`)).flatMap(name => [
        [`OTEL_EXPORTER_OTLP_${name}CERTIFICATE`, join(folder, 'ca.pem')],
        [`OTEL_EXPORTER_OTLP_${name}CLIENT_KEY`, join(folder, 'leaf.key')],
        [`OTEL_EXPORTER_OTLP_${name}CLIENT_CERTIFICATE`, join(folder, 'leaf.pem')],
      ]),
    ),
})

const allSecured = secured('')
const eachSecured = secured('*')
const served: Case = { settings: prometheus }

/** A value for each variable with which a NodeSDK does something else than without, where it reads the variable. */
export const cases: Readonly<Record<string, Case>> = {
  OTEL_SDK_DISABLED: set({ OTEL_SDK_DISABLED: 'true' }),
  OTEL_ENTITIES: set({ OTEL_ENTITIES: 'service{service.name=entity}' }),
  OTEL_RESOURCE_ATTRIBUTES: set({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=mine,team=visits' }),
  OTEL_SERVICE_NAME: set({ OTEL_SERVICE_NAME: 'mine', OTEL_RESOURCE_ATTRIBUTES: 'service.name=another' }),
  OTEL_LOG_LEVEL: set({ OTEL_LOG_LEVEL: 'debug' }),
  OTEL_PROPAGATORS: set({ OTEL_PROPAGATORS: 'b3' }),
  OTEL_TRACES_SAMPLER: set({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }),
  OTEL_TRACES_SAMPLER_ARG: set({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }),
  OTEL_NODE_RESOURCE_DETECTORS: set({ OTEL_NODE_RESOURCE_DETECTORS: 'env,os' }),

  OTEL_BSP_SCHEDULE_DELAY: { ...set({ OTEL_BSP_SCHEDULE_DELAY: '10' }), unasked: ['traces'] },
  OTEL_BSP_EXPORT_TIMEOUT: silent('Timeout', { OTEL_BSP_EXPORT_TIMEOUT: '50', OTEL_LOGS_EXPORTER: 'none' }),
  OTEL_BSP_MAX_QUEUE_SIZE: set({ OTEL_BSP_MAX_QUEUE_SIZE: '2' }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: set({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' }),
  OTEL_BLRP_SCHEDULE_DELAY: { ...set({ OTEL_BLRP_SCHEDULE_DELAY: '10' }), unasked: ['logs'] },
  OTEL_BLRP_EXPORT_TIMEOUT: silent('Timeout', { OTEL_BLRP_EXPORT_TIMEOUT: '50', OTEL_TRACES_EXPORTER: 'none' }),
  OTEL_BLRP_MAX_QUEUE_SIZE: set({ OTEL_BLRP_MAX_QUEUE_SIZE: '2' }),
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: set({ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '1' }),

  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: set({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' }),
  OTEL_ATTRIBUTE_COUNT_LIMIT: set({ OTEL_ATTRIBUTE_COUNT_LIMIT: '2' }),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: set({ OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' }),
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: set({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2' }),
  OTEL_SPAN_EVENT_COUNT_LIMIT: set({ OTEL_SPAN_EVENT_COUNT_LIMIT: '1' }),
  OTEL_SPAN_LINK_COUNT_LIMIT: set({ OTEL_SPAN_LINK_COUNT_LIMIT: '1' }),
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: set({ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1' }),
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: set({ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '1' }),
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: set({ OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' }),
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: set({ OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '2' }),

  OTEL_TRACES_EXPORTER: set({ OTEL_TRACES_EXPORTER: 'console' }),
  OTEL_METRICS_EXPORTER: set({ OTEL_METRICS_EXPORTER: 'none' }),
  OTEL_LOGS_EXPORTER: set({ OTEL_LOGS_EXPORTER: 'none' }),
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: {
    settings: ({ url }) => ({ OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${url}/zipkin` }),
  },
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: set({ OTEL_EXPORTER_ZIPKIN_TIMEOUT: '50' }),
  OTEL_EXPORTER_PROMETHEUS_HOST: served,
  OTEL_EXPORTER_PROMETHEUS_PORT: served,

  OTEL_EXPORTER_OTLP_ENDPOINT: set({ [endpoint]: '', OTEL_LOGS_EXPORTER: '', OTEL_EXPORTER_OTLP_TIMEOUT: '50' }),
  'OTEL_EXPORTER_OTLP_*_ENDPOINT': each(
    'ENDPOINT',
    (signal, { url }) => `${url}/to/${signal}`,
    () => ({ [endpoint]: '' }),
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: { settings: ({ grpcUrl }) => ({ [protocol]: 'grpc', [endpoint]: grpcUrl }) },
  'OTEL_EXPORTER_OTLP_*_PROTOCOL': each('PROTOCOL', () => 'http/json'),
  OTEL_EXPORTER_OTLP_HEADERS: set({ OTEL_EXPORTER_OTLP_HEADERS: 'x-probe=general' }),
  'OTEL_EXPORTER_OTLP_*_HEADERS': each('HEADERS', signal => `x-probe=${signal}`),
  OTEL_EXPORTER_OTLP_COMPRESSION: set({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
  'OTEL_EXPORTER_OTLP_*_COMPRESSION': each('COMPRESSION', () => 'gzip'),
  OTEL_EXPORTER_OTLP_TIMEOUT: silent('timed out', { OTEL_EXPORTER_OTLP_TIMEOUT: '50' }),
  'OTEL_EXPORTER_OTLP_*_TIMEOUT': { ...each('TIMEOUT', () => '50'), problem: 'timed out' },
  OTEL_EXPORTER_OTLP_INSECURE: { settings: at => ({ ...schemeless(at), OTEL_EXPORTER_OTLP_INSECURE: 'true' }) },
  'OTEL_EXPORTER_OTLP_*_INSECURE': each('INSECURE', () => 'true', schemeless),
  OTEL_EXPORTER_OTLP_CERTIFICATE: allSecured,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: allSecured,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: allSecured,
  'OTEL_EXPORTER_OTLP_*_CERTIFICATE': eachSecured,
  'OTEL_EXPORTER_OTLP_*_CLIENT_KEY': eachSecured,
  'OTEL_EXPORTER_OTLP_*_CLIENT_CERTIFICATE': eachSecured,
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: set({
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  }),
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: set({
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  }),

  OTEL_METRICS_EXEMPLAR_FILTER: set({ OTEL_METRICS_EXEMPLAR_FILTER: 'always_on' }),
  OTEL_METRIC_EXPORT_INTERVAL: { ...set({ OTEL_METRIC_EXPORT_INTERVAL: '50' }), unasked: ['metrics'] },
  OTEL_METRIC_EXPORT_TIMEOUT: silent('timed out after 40ms', {
    OTEL_METRIC_EXPORT_TIMEOUT: '40',
    OTEL_METRIC_EXPORT_INTERVAL: '50',
  }),
  OTEL_CONFIG_FILE: set({ OTEL_CONFIG_FILE: '/there/is/none.yaml' }),
  OTEL_EXPERIMENTAL_CONFIG_FILE: set({ OTEL_EXPERIMENTAL_CONFIG_FILE: '/there/is/none.yaml' }),
}
