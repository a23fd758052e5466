import { type Attributes, type Context, context, logs, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'

/** A line as log.ts writes it: secret and personal fields are redacted. */
interface Line extends Attributes {
  readonly level: number
  readonly time: string
  readonly msg?: string
  readonly traceId?: string
  readonly spanId?: string
}

const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/**
 * Makes a log record of each written line, with its fields, its time and its trace (OpenTelemetry logs data model), so that what a collector gets
 * is what stdout has. Null where `OTEL_LOGS_EXPORTER` asks for none.
 */
export const lineExport = (): ((line: string) => void) | null => {
  const logger = logs.getLogger('doorbell')
  if (!logger.enabled()) return null
  return line => {
    const { level, time, msg, traceId, spanId, service: _service, ...fields } = JSON.parse(line) as Line
    const step = level / 10
    logger.emit({
      timestamp: new Date(time),
      // Ten of pino's are four of OpenTelemetry's: 30 is INFO, which is 9.
      severityNumber: step * 4 - 3,
      severityText: severities[step - 1] ?? 'info',
      body: msg ?? '',
      attributes: fields,
      context: contextOf(traceId, spanId),
    })
  }
}

/** The active context, or the context of the span that the line names when it was written outside of it. */
const contextOf = (traceId: string | undefined, spanId: string | undefined): Context => {
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT
  const here = trace.getSpanContext(context.active())
  if (here?.spanId === spanId) return context.active()
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.NONE })
}
