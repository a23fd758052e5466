import {
  type Attributes,
  context,
  type Context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import type { TracePlace } from '../src/domain/delivery-trace.ts'
import { attributes } from './names.ts'
import { withOrigin } from './origin.ts'
import { traceparentOf } from './traceparent.ts'

export { SpanKind }

const tracer = trace.getTracer('doorbell')

/** How a piece of work shows in a trace. Nothing personal belongs in any of it. */
export interface SpanShape<Args extends readonly unknown[], Result> {
  readonly name: string
  readonly kind: SpanKind
  /** The span that the value comes from; without it the active span is the parent. */
  readonly place?: (...args: Args) => TracePlace | null
  /** Called for a span that is recorded only, like the next two. */
  readonly attributes: (...args: Args) => Attributes
  /** What happened at the start, as a span event. */
  readonly event?: (...args: Args) => { readonly name: string; readonly attributes: Attributes } | null
  /** What the result adds; `error` marks the span as failed and is a low-cardinality `error.type`. */
  readonly result?: (result: Result) => { readonly attributes: Attributes; readonly error?: string }
}

/** Returns a function with the same arguments, result and rejection, which makes a span of each call. */
export const traced =
  <Args extends readonly unknown[], Result>(
    shape: SpanShape<Args, Result>,
    work: (...args: Args) => Promise<Result>,
  ): ((...args: Args) => Promise<Result>) =>
  async (...args) => {
    const place = shape.place?.(...args) ?? null
    const span = startSpan({
      name: shape.name,
      kind: shape.kind,
      parent: place?.parent ?? null,
      detached: place !== null && place.originTraceId !== null,
    })
    const isRecorded = span.isRecording()
    if (isRecorded) describe(span, shape, place, args)
    try {
      const result = await context.with(trace.setSpan(context.active(), span), work, undefined, ...args)
      if (isRecorded && shape.result !== undefined) {
        const { attributes: seen, error } = shape.result(result)
        span.setAttributes(seen)
        if (error !== undefined) failed(span, error)
      }
      return result
    } catch (error) {
      failed(span, errorType(error))
      throw error
    } finally {
      span.end()
    }
  }

const describe = <Args extends readonly unknown[], Result>(
  span: Span,
  shape: SpanShape<Args, Result>,
  place: TracePlace | null,
  args: Args,
): void => {
  span.setAttributes(shape.attributes(...args))
  if (place !== null && place.originTraceId !== null) span.setAttribute(attributes.originTrace, place.originTraceId)
  const event = shape.event?.(...args)
  if (event) span.addEvent(event.name, event.attributes)
}

export interface SpanStart {
  readonly name: string
  readonly kind: SpanKind
  /** A W3C `traceparent`. Null: the active span is the parent. */
  readonly parent: string | null
  readonly detached?: boolean
  readonly linkParent?: boolean
  readonly attributes?: Attributes
  /** Default: the active context. */
  readonly within?: Context
}

/** Starts a span, which the caller ends. */
export const startSpan = ({
  name,
  kind,
  parent,
  detached = false,
  linkParent = false,
  attributes: own,
  within = context.active(),
}: SpanStart): Span => {
  const parsed = parent === null ? null : parseTraceParent(parent)
  const remote = parsed === null ? null : { ...parsed, isRemote: true }
  const links = remote !== null && (detached || linkParent) ? [{ context: remote }] : []
  const span = tracer.startSpan(name, { kind, links, root: detached }, placeOf(within, remote, detached))
  // The SDK cleans attributes that are given at the start twice, once for the sampler; no sampler of ours looks at them.
  if (own !== undefined && span.isRecording()) span.setAttributes(own)
  return span
}

const placeOf = (within: Context, remote: SpanContext | null, detached: boolean): Context => {
  if (remote === null) return within
  return detached ? withOrigin(within, remote) : trace.setSpanContext(within, remote)
}

/** Marks a span as failed. */
export const failed = (span: Span, type: string): void => {
  span.setAttribute(attributes.errorType, type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Low cardinality and nothing personal: the stable code or the class, never the message. */
const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

export interface CurrentTrace {
  readonly traceId: string
  readonly spanId: string
  readonly traceparent: string
}

/** The active span's ids, or null outside of any. */
export const currentTrace = (): CurrentTrace | null => {
  const spanContext = trace.getSpanContext(context.active())
  if (spanContext === undefined) return null
  return { traceId: spanContext.traceId, spanId: spanContext.spanId, traceparent: traceparentOf(spanContext) }
}
