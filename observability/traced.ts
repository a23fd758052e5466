import { type Attributes, context, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { attributes } from './names.ts'
import { readTraceparent, traceparentOf } from './traceparent.ts'

export { SpanKind }

const tracer = trace.getTracer('doorbell')

/** Under a W3C `traceparent`; with `originTraceId` the parent is linked only, and the span begins a trace of its own. */
export interface SpanPlace {
  readonly parent: string
  readonly originTraceId: string | null
}

/** How a piece of work shows in a trace. Nothing personal belongs in any of it. */
export interface SpanShape<Args extends readonly unknown[], Result> {
  readonly name: string
  readonly kind: SpanKind
  /** Where the value has been before; without it the active span is the parent. */
  readonly place?: (...args: Args) => SpanPlace | null
  readonly attributes: (...args: Args) => Attributes
  /** What happened at the start, as a span event. */
  readonly event?: (...args: Args) => { readonly name: string; readonly attributes: Attributes } | null
  /** What the result adds; `error` marks the span as failed and is a low-cardinality `error.type`. */
  readonly result?: (result: Result) => { readonly attributes: Attributes; readonly error?: string }
}

/** A function with the same arguments, result and rejection, that makes a span of each call. */
export const traced =
  <Args extends readonly unknown[], Result>(
    shape: SpanShape<Args, Result>,
    work: (...args: Args) => Promise<Result>,
  ): ((...args: Args) => Promise<Result>) =>
  async (...args) => {
    const { parent, originTraceId } = shape.place?.(...args) ?? { parent: null, originTraceId: null }
    const own = shape.attributes(...args)
    const span = startSpan({
      name: shape.name,
      kind: shape.kind,
      parent,
      detached: originTraceId !== null,
      attributes: originTraceId === null ? own : { ...own, [attributes.originTrace]: originTraceId },
    })
    const event = shape.event?.(...args)
    if (event) span.addEvent(event.name, event.attributes)
    try {
      const result = await context.with(trace.setSpan(context.active(), span), () => work(...args))
      const seen = shape.result?.(result)
      if (seen !== undefined) span.setAttributes(seen.attributes)
      if (seen?.error !== undefined) failed(span, seen.error)
      return result
    } catch (error) {
      failed(span, errorType(error))
      throw error
    } finally {
      span.end()
    }
  }

export interface SpanStart {
  readonly name: string
  readonly kind: SpanKind
  readonly parent: string | null
  readonly detached?: boolean
  readonly linkParent?: boolean
  readonly attributes: Attributes
}

/** A span under the given parent, or under the active one; whoever starts it ends it. */
export const startSpan = ({
  name,
  kind,
  parent,
  detached = false,
  linkParent = false,
  attributes: own,
}: SpanStart): Span => {
  const remote = parent === null ? null : readTraceparent(parent)
  const links: Link[] = remote !== null && (detached || linkParent) ? [{ context: remote }] : []
  const base = remote === null || detached ? context.active() : trace.setSpanContext(context.active(), remote)
  // Given at the start the SDK would copy and check them twice; no sampler of ours looks at them.
  return tracer.startSpan(name, { kind, links, root: detached }, base).setAttributes(own)
}

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
  const spanContext = trace.getActiveSpan()?.spanContext()
  if (spanContext === undefined) return null
  return { traceId: spanContext.traceId, spanId: spanContext.spanId, traceparent: traceparentOf(spanContext) }
}
