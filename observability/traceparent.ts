import type { SpanContext } from '@opentelemetry/api'

/** Ids of zeros alone are none, and neither is version 255 (W3C Trace Context, §3.2). */
const form = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/
const length = 55

/** Another process's span; null where the text is no valid `traceparent`. A later version may have more behind the four parts (§3.2.4). */
export const readTraceparent = (text: string): SpanContext | null => {
  if (!form.test(text) || (text.length > length && text.startsWith('00'))) return null
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    traceFlags: Number.parseInt(text.slice(53, length), 16),
    isRemote: true,
  }
}

/** The span context as W3C Trace Context writes it (version 00). */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
