/** How Doorbell treats a variable of OpenTelemetry's environment specification, compared with a NodeSDK without options. */
export interface Variable {
  /** `*` stands for TRACES, METRICS and LOGS in turn. */
  readonly name: string
  /** `same`: what a NodeSDK does. `unread`: what a NodeSDK does, which is nothing. `own`: something else, which the note says. */
  readonly treatment: 'same' | 'unread' | 'own'
  readonly note?: string
}

const same = (name: string, note?: string): Variable => ({ name, treatment: 'same', ...(note && { note }) })
const own = (name: string, note: string): Variable => ({ name, treatment: 'own', note })
const unread = (name: string, note?: string): Variable => ({ name, treatment: 'unread', ...(note && { note }) })

/** By the chapters of the specification (sdk-environment-variables, and OTLP's exporter page). test/telemetry/environment.test.ts tries each one. */
export const variables: Readonly<Record<string, readonly Variable[]>> = {
  General: [
    own(
      'OTEL_SDK_DISABLED',
      'Nothing is exported and `DOORBELL_METRICS_PORT` is not served. Ids exist and trace context is passed on all the same: rows, problem answers and log lines need them',
    ),
    unread('OTEL_ENTITIES'),
    same('OTEL_RESOURCE_ATTRIBUTES', '`service.name` is `doorbell` if neither this nor the next variable sets it'),
    same('OTEL_SERVICE_NAME'),
    same('OTEL_LOG_LEVEL', 'Unset, the SDK’s warnings and errors are lines of the log'),
    same('OTEL_PROPAGATORS', 'For requests to the API. Messages, rows and receivers have `traceparent` always'),
    same(
      'OTEL_TRACES_SAMPLER',
      'An unknown value ends the process at its start. With the parent-based ones a late attempt is kept exactly if its check-in is',
    ),
    same('OTEL_TRACES_SAMPLER_ARG', 'A value that is no ratio ends the process at its start'),
    same('OTEL_NODE_RESOURCE_DETECTORS', 'Of the SDK for Node'),
  ],
  'Batch processors': [
    same('OTEL_BSP_SCHEDULE_DELAY', 'Default 1000 (SDK: 5000)'),
    same('OTEL_BSP_EXPORT_TIMEOUT'),
    same('OTEL_BSP_MAX_QUEUE_SIZE', 'Default 16384 (SDK: 2048), unless the next variable is set'),
    same('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'Default 1024 (SDK: 512), unless the previous variable is set'),
    same('OTEL_BLRP_SCHEDULE_DELAY'),
    same('OTEL_BLRP_EXPORT_TIMEOUT'),
    same('OTEL_BLRP_MAX_QUEUE_SIZE'),
    same('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE'),
  ],
  Limits: [
    same('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    same('OTEL_ATTRIBUTE_COUNT_LIMIT'),
    same('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    same('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'),
    same('OTEL_SPAN_EVENT_COUNT_LIMIT'),
    same('OTEL_SPAN_LINK_COUNT_LIMIT'),
    same('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    same('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    same('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
    same('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT'),
  ],
  Exporters: [
    same(
      'OTEL_TRACES_EXPORTER',
      'Default `otlp` where an endpoint is set for traces, else `none` (SDK: `otlp`). Ids exist with `none` too',
    ),
    same(
      'OTEL_METRICS_EXPORTER',
      'Default `otlp` where an endpoint is set for metrics, else `none` (SDK: `otlp`). `/metrics` does not depend on it',
    ),
    same('OTEL_LOGS_EXPORTER', 'Default `none` (SDK: `otlp`): the lines are on stdout'),
    same('OTEL_EXPORTER_ZIPKIN_ENDPOINT'),
    unread('OTEL_EXPORTER_ZIPKIN_TIMEOUT'),
    same(
      'OTEL_EXPORTER_PROMETHEUS_HOST',
      '`DOORBELL_METRICS_PORT` is the better way: its names have units, and worker processes have ports of their own',
    ),
    same('OTEL_EXPORTER_PROMETHEUS_PORT'),
  ],
  OTLP: [
    own('OTEL_EXPORTER_OTLP_ENDPOINT', 'No default: unset or empty, nothing is sent (SDK: `http://localhost:4318`)'),
    same('OTEL_EXPORTER_OTLP_*_ENDPOINT'),
    same('OTEL_EXPORTER_OTLP_PROTOCOL', '`http/protobuf` (default), `http/json`, `grpc`'),
    same('OTEL_EXPORTER_OTLP_*_PROTOCOL'),
    same('OTEL_EXPORTER_OTLP_HEADERS'),
    same('OTEL_EXPORTER_OTLP_*_HEADERS'),
    same('OTEL_EXPORTER_OTLP_COMPRESSION'),
    same('OTEL_EXPORTER_OTLP_*_COMPRESSION'),
    same('OTEL_EXPORTER_OTLP_TIMEOUT'),
    same('OTEL_EXPORTER_OTLP_*_TIMEOUT'),
    same('OTEL_EXPORTER_OTLP_INSECURE', 'Of gRPC, for an endpoint without a scheme'),
    same('OTEL_EXPORTER_OTLP_*_INSECURE'),
    same('OTEL_EXPORTER_OTLP_CERTIFICATE'),
    same('OTEL_EXPORTER_OTLP_*_CERTIFICATE'),
    same('OTEL_EXPORTER_OTLP_CLIENT_KEY', 'Together with `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`'),
    same('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'),
    same('OTEL_EXPORTER_OTLP_*_CLIENT_KEY'),
    same('OTEL_EXPORTER_OTLP_*_CLIENT_CERTIFICATE'),
    same('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'),
    unread('OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'),
  ],
  'Metrics and configuration': [
    unread('OTEL_METRICS_EXEMPLAR_FILTER'),
    same('OTEL_METRIC_EXPORT_INTERVAL'),
    same('OTEL_METRIC_EXPORT_TIMEOUT'),
    unread('OTEL_CONFIG_FILE'),
    unread('OTEL_EXPERIMENTAL_CONFIG_FILE'),
  ],
}

const treatments: Readonly<Record<Variable['treatment'], string>> = {
  same: 'as the SDK',
  unread: 'not read by the SDK either',
  own: '**Doorbell’s own**',
}

/** The section of docs/telemetry.md about the environment. */
export const environmentSection = (): string =>
  [
    '## Environment',
    'OpenTelemetry’s SDK for Node reads its variables itself. `test/telemetry/environment.test.ts` runs each of them once with a bare `NodeSDK` and once with\n' +
      'Doorbell, with a receiver for http/protobuf, http/json and gRPC, and compares what arrives. `*` stands for `TRACES`, `METRICS` and `LOGS`.',
    ...Object.entries(variables).map(([chapter, rows]) =>
      [
        `| ${chapter} | | |`,
        '| --- | --- | --- |',
        ...rows.map(({ name, treatment, note = '' }) => `| \`${name}\` | ${treatments[treatment]} | ${note} |`),
      ].join('\n'),
    ),
    'To use an SDK of your own, for example with your own span processors, register it in a file that you `--import` before `observability/register.ts`. It then gets\n' +
      'Doorbell’s spans, measurements and log records, and `DOORBELL_METRICS_PORT` is not served. To add an instrumentation to Doorbell’s SDK, call\n' +
      '`registerInstrumentations` in such a file.',
  ].join('\n\n')
