import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import { type ISerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Resource } from '@opentelemetry/resources'
import { countExports } from '../metrics/exports.ts'
import { BackwardsWriter } from './backwards.ts'
import { writeRequest, writeSpan } from './otlp.ts'
import type { SpanSink } from './tracer.ts'

/** Requests begin no closer to each other than this, unless there is enough for a large one. */
const everyMs = 200
const largeBytes = 512 * 1_024
/** What a collector that is away may cost in memory; later spans are lost, and counted as one failed export. */
const mostBytes = 8 * 1_024 * 1_024

export interface SpanSender {
  readonly take: SpanSink
  /** Sends what is left. */
  shutdown(): Promise<void>
}

export interface SpanSenderOptions {
  /** Default: as `OTEL_EXPORTER_OTLP_ENDPOINT` says. */
  readonly url?: string
  /** Who the spans are of. */
  readonly resource: Resource
  /** The instrumentation scope's name. */
  readonly scope: string
}

/**
 * Sends spans as OTLP (protocol buffers over HTTP). Each is written to bytes at its end, and the bytes of many leave in one request: a span
 * that is kept as an object until a batch is full outlives its generation, and to move it costs the collector of garbage more than the span
 * has cost.
 */
export const createSpanSender = ({ url, resource, scope }: SpanSenderOptions): SpanSender => {
  const client = createClient(url)
  const count = countExports('traces')
  let writer = new BackwardsWriter()
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let mayBeginAt = 0
  let isLosing = false

  const send = async (): Promise<void> => {
    await resource.waitForAsyncAttributes?.()
    const full = writer
    writer = new BackwardsWriter(full.written)
    isLosing = false
    writeRequest(full, resource.attributes, scope)
    count(await new Promise<ExportResult>(resolve => client.export(full.finish(), resolve)))
  }
  const begin = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    mayBeginAt = performance.now() + everyMs
    sending = send()
      // Whatever goes wrong with telling of the work must not end the work.
      .catch(() => count({ code: ExportResultCode.FAILED }))
      .finally(() => {
        sending = null
        arrange()
      })
    return sending
  }
  const arrange = () => {
    if (sending !== null || writer.written === 0) return
    if (writer.written >= largeBytes) return void begin()
    timer ??= setTimeout(() => void begin(), Math.max(0, mayBeginAt - performance.now())).unref()
  }

  return {
    take: span => {
      if (writer.written < mostBytes) {
        writeSpan(writer, span)
        arrange()
      } else if (!isLosing) {
        isLosing = true
        count({ code: ExportResultCode.FAILED })
      }
    },
    shutdown: async () => {
      while (sending !== null || writer.written > 0) await (sending ?? begin())
      await client.shutdown()
    },
  }
}

/** The bytes are a request already. */
const written: ISerializer<Buffer, unknown> = {
  serializeRequest: bytes => bytes,
  deserializeResponse: ProtobufTraceSerializer.deserializeResponse,
}

/** OpenTelemetry's own client: endpoint, headers, compression, timeout and retries by its settings. */
const createClient = (url?: string) =>
  createOtlpHttpExportDelegate(
    convertLegacyHttpOptions(url === undefined ? {} : { url }, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    }),
    written,
    'otlp_http_span_exporter',
    { name: 'span', countItems: () => 1 },
    undefined,
  )
