import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import { type ISerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { countingExports } from './metrics/exports.ts'

/** Spans that are written together: so few that they are written, and garbage, a few milliseconds after their end. */
export const spansAtOnce = 32
/** Requests begin no closer to each other than this, unless there is enough for a large one. */
const everyMs = 200
const largeBytes = 512 * 1_024
/** What a collector that is away may cost in memory; later spans are lost, and counted. */
const mostBytes = 8 * 1_024 * 1_024

/**
 * Sends spans as OTLP (protocol buffers over HTTP) to this url, or to where `OTEL_EXPORTER_OTLP_ENDPOINT` says. It writes each small batch to bytes at
 * once and sends the bytes of many in one request: a span that is kept as an object until a large batch is full outlives its generation,
 * and to move it costs the collector of garbage more than the span has cost. Written messages may be joined: fields that repeat are
 * appended (Protocol Buffers, "Encoding", Last One Wins).
 */
export const createSpanExporter = (url?: string): SpanExporter => {
  const sender = countingExports<Uint8Array[], ReturnType<typeof createSender>>(createSender(url), 'traces')
  let written: Uint8Array[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let mayBeginAt = 0

  const send = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (written.length === 0) return Promise.resolve()
    const batch = written
    written = []
    bytes = 0
    mayBeginAt = performance.now() + everyMs
    sending = new Promise<void>(resolve => sender.export(batch, () => resolve())).finally(() => {
      sending = null
      arrange()
    })
    return sending
  }
  const arrange = () => {
    if (sending !== null || written.length === 0) return
    if (bytes >= largeBytes) return void send()
    timer ??= setTimeout(() => void send(), Math.max(0, mayBeginAt - performance.now())).unref()
  }
  const flush = async () => {
    while (sending !== null || written.length > 0) await (sending ?? send())
  }

  return {
    export: (spans: ReadableSpan[], done: (result: ExportResult) => void) => {
      const chunk = ProtobufTraceSerializer.serializeRequest(spans)
      const taken = chunk !== undefined && bytes + chunk.length <= mostBytes
      if (taken) {
        written.push(chunk)
        bytes += chunk.length
        arrange()
      }
      done({ code: taken ? ExportResultCode.SUCCESS : ExportResultCode.FAILED })
    },
    forceFlush: flush,
    shutdown: async () => {
      await flush()
      await sender.shutdown()
    },
  }
}

/** The bytes are a request already. */
const joined: ISerializer<Uint8Array[], unknown> = {
  serializeRequest: chunks => Buffer.concat(chunks),
  deserializeResponse: ProtobufTraceSerializer.deserializeResponse,
}

/** OpenTelemetry's own client: endpoint, headers, compression, timeout and retries by its settings. */
const createSender = (url?: string) =>
  createOtlpHttpExportDelegate(
    convertLegacyHttpOptions(url === undefined ? {} : { url }, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    }),
    joined,
    'otlp_http_span_exporter',
    { name: 'span', countItems: (chunks: Uint8Array[]) => chunks.length },
    undefined,
  )
