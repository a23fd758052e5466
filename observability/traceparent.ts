import type { SpanContext } from '@opentelemetry/api'

/** The span context as W3C Trace Context writes it (version 00). */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
