import type { AnyValue, Attributes, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api'
import type { BackwardsWriter } from './backwards.ts'

/** A span that has ended. */
export interface EndedSpan {
  readonly context: SpanContext
  readonly parent: SpanContext | null
  readonly name: string
  readonly kind: SpanKind
  /** Milliseconds since the epoch, with their fraction. */
  readonly startMs: number
  readonly endMs: number
  /** Keys and values in turn. */
  readonly attributes: readonly AnyValue[]
  readonly events: readonly SpanEvent[]
  readonly links: readonly Link[]
  readonly status: SpanStatus
}

export interface SpanEvent {
  readonly name: string
  readonly atMs: number
  readonly attributes: Attributes
}

/** Fields of opentelemetry-proto 1.x: `ExportTraceServiceRequest` with one `ResourceSpans` of one `ScopeSpans`. */
const ofRequest = { resourceSpans: 1 } as const
const ofResourceSpans = { resource: 1, scopeSpans: 2 } as const
const ofScopeSpans = { scope: 1, spans: 2 } as const

/** Makes spans that were written a whole request. */
export const writeRequest = (writer: BackwardsWriter, resource: Attributes, scope: string): void => {
  const scoped = writer.written
  writer.text(1, scope)
  writer.enclose(ofScopeSpans.scope, scoped)
  writer.enclose(ofResourceSpans.scopeSpans, 0)
  const described = writer.written
  writer.number(2, 0)
  writeAttributes(writer, 1, resource)
  writer.enclose(ofResourceSpans.resource, described)
  writer.enclose(ofRequest.resourceSpans, 0)
}

/** `trace.v1.Span`, its last field first; counts of what was dropped are 0. */
export const writeSpan = (writer: BackwardsWriter, span: EndedSpan): void => {
  const since = writer.written
  writer.fixed32(16, flagsOf(span.context, span.parent))
  writeStatus(writer, span.status)
  writer.number(14, 0)
  for (let n = span.links.length - 1; n >= 0; n -= 1) writeLink(writer, span.links[n] as Link)
  writer.number(12, 0)
  for (let n = span.events.length - 1; n >= 0; n -= 1) writeEvent(writer, span.events[n] as SpanEvent)
  writer.number(10, 0)
  for (let n = span.attributes.length - 2; n >= 0; n -= 2)
    writeAttribute(writer, 9, span.attributes[n] as string, span.attributes[n + 1])
  writer.nanoseconds(8, span.endMs)
  writer.nanoseconds(7, span.startMs)
  writer.number(6, span.kind + 1)
  writer.text(5, span.name)
  if (span.parent !== null) writer.hex(4, span.parent.spanId)
  writer.hex(2, span.context.spanId)
  writer.hex(1, span.context.traceId)
  writer.enclose(ofScopeSpans.spans, since)
}

/** The W3C flags, and that it is known whether the other side is another process. */
const flagsOf = ({ traceFlags }: SpanContext, whoseRemoteness: SpanContext | null): number =>
  (traceFlags & 0xff) | 0x1_00 | (whoseRemoteness?.isRemote === true ? 0x2_00 : 0)

const writeStatus = (writer: BackwardsWriter, { code, message }: SpanStatus): void => {
  const since = writer.written
  writer.number(3, code)
  if (message) writer.text(2, message)
  writer.enclose(15, since)
}

const writeLink = (writer: BackwardsWriter, { context, attributes = {} }: Link): void => {
  const since = writer.written
  writer.fixed32(6, flagsOf(context, context))
  writer.number(5, 0)
  writeAttributes(writer, 4, attributes)
  writer.hex(2, context.spanId)
  writer.hex(1, context.traceId)
  writer.enclose(13, since)
}

const writeEvent = (writer: BackwardsWriter, { name, atMs, attributes }: SpanEvent): void => {
  const since = writer.written
  writer.number(4, 0)
  writeAttributes(writer, 3, attributes)
  writer.text(2, name)
  writer.nanoseconds(1, atMs)
  writer.enclose(11, since)
}

const writeAttributes = (writer: BackwardsWriter, field: number, attributes: Attributes): void => {
  for (const [key, value] of Object.entries(attributes).toReversed()) writeAttribute(writer, field, key, value)
}

/** `common.v1.KeyValue` */
const writeAttribute = (writer: BackwardsWriter, field: number, key: string, value: AnyValue): void => {
  const since = writer.written
  writeValue(writer, value)
  writer.enclose(2, since)
  writer.text(1, key)
  writer.enclose(field, since)
}

/** `common.v1.AnyValue`; nothing for null. */
const writeValue = (writer: BackwardsWriter, value: AnyValue): void => {
  if (typeof value === 'string') writer.text(1, value)
  else if (typeof value === 'boolean') writer.number(2, Number(value))
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (value instanceof Uint8Array) writer.raw(7, value)
  else if (Array.isArray(value)) writeList(writer, value)
  else if (value !== null && value !== undefined) writeMap(writer, value as Attributes)
}

const writeNumber = (writer: BackwardsWriter, value: number): void => {
  if (Number.isSafeInteger(value)) writer.integer(3, value)
  else writer.double(4, value)
}

const writeList = (writer: BackwardsWriter, values: readonly AnyValue[]): void => {
  const since = writer.written
  for (const value of values.toReversed()) {
    const each = writer.written
    writeValue(writer, value)
    writer.enclose(1, each)
  }
  writer.enclose(5, since)
}

const writeMap = (writer: BackwardsWriter, map: Attributes): void => {
  const since = writer.written
  writeAttributes(writer, 1, map)
  writer.enclose(6, since)
}
