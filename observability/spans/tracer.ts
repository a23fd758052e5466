import {
  type AnyValue,
  type Attributes,
  type Context,
  context,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import { isTimeInput } from '@opentelemetry/core'
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace'
import { newSpanId, newTraceId } from './ids.ts'
import { momentOf } from './moment.ts'
import type { EndedSpan, SpanEvent } from './otlp.ts'

/** Takes a span at its end. */
export type SpanSink = (span: EndedSpan) => void

/**
 * Tracers of OpenTelemetry's API. A span keeps what it is told as it was told, and is handed to the sink at its end: attributes are ours, from
 * one catalogue, so nothing checks, copies or counts them. Without a sink spans have ids only, which every row and problem answer shows.
 */
export const createTracerProvider = (sampler: Sampler, sink: SpanSink | null): TracerProvider => {
  const startSpan = (name: string, options: SpanOptions = {}, place: Context = context.active()): Span => {
    const { kind = SpanKind.INTERNAL, links = [], attributes = {}, root = false, startTime } = options
    const under = root ? trace.deleteSpan(place) : place
    const parent = trace.getSpanContext(under) ?? null
    const traceId = parent?.traceId ?? newTraceId()
    const { decision } = sampler.shouldSample(under, traceId, name, kind, attributes, links)
    const isKept = decision === SamplingDecision.RECORD_AND_SAMPLED
    const spanContext = { traceId, spanId: newSpanId(), traceFlags: isKept ? TraceFlags.SAMPLED : TraceFlags.NONE }
    if (!isKept || sink === null) return trace.wrapSpanContext(spanContext)
    const span = new RecordedSpan(sink, spanContext, parent, name, kind, links, startTime)
    return options.attributes === undefined ? span : span.setAttributes(options.attributes)
  }
  /** The forms with fewer arguments leave out those in the middle. */
  const startActiveSpan = (name: string, ...rest: unknown[]) => {
    const work = rest.pop() as (span: Span) => unknown
    const [options, place = context.active()] = rest as [SpanOptions?, Context?]
    const span = startSpan(name, options, place)
    return context.with(trace.setSpan(place, span), work, undefined, span)
  }
  const tracer: Tracer = { startSpan, startActiveSpan }
  return { getTracer: () => tracer }
}

class RecordedSpan implements Span, EndedSpan {
  readonly context: SpanContext
  readonly parent: SpanContext | null
  readonly kind: SpanKind
  readonly startMs: number
  readonly attributes: AnyValue[] = []
  readonly events: SpanEvent[] = []
  links: readonly Link[]
  name: string
  endMs = 0
  status: SpanStatus = { code: SpanStatusCode.UNSET }
  private readonly sink: SpanSink
  private ended = false

  constructor(
    sink: SpanSink,
    own: SpanContext,
    parent: SpanContext | null,
    name: string,
    kind: SpanKind,
    links: readonly Link[],
    startTime: TimeInput | undefined,
  ) {
    this.sink = sink
    this.context = own
    this.parent = parent
    this.name = name
    this.kind = kind
    this.links = links
    this.startMs = momentOf(startTime)
  }

  spanContext(): SpanContext {
    return this.context
  }

  isRecording(): boolean {
    return !this.ended
  }

  setAttribute(key: string, value: AnyValue): this {
    const { attributes } = this
    let n = 0
    while (n < attributes.length && attributes[n] !== key) n += 2
    attributes[n] = key
    attributes[n + 1] = value
    return this
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) this.setAttribute(key, attributes[key])
    return this
  }

  addEvent(name: string, attributesOrTime: Attributes | TimeInput = {}, time?: TimeInput): this {
    const timeOnly = isTimeInput(attributesOrTime)
    const attributes = timeOnly ? {} : attributesOrTime
    this.events.push({ name, atMs: momentOf(timeOnly ? attributesOrTime : time), attributes })
    return this
  }

  addLink(link: Link): this {
    return this.addLinks([link])
  }

  addLinks(links: Link[]): this {
    this.links = [...this.links, ...links]
    return this
  }

  setStatus(status: SpanStatus): this {
    this.status = status
    return this
  }

  updateName(name: string): this {
    this.name = name
    return this
  }

  /** Its class only: a message may hold anything. */
  recordException(exception: Exception, time?: TimeInput): void {
    const type = typeof exception === 'string' ? 'Error' : (exception.name ?? 'Error')
    this.addEvent('exception', { 'exception.type': type }, time)
  }

  /** What it is told later changes nothing. */
  end(time?: TimeInput): void {
    if (this.ended) return
    this.ended = true
    this.endMs = Math.max(this.startMs, momentOf(time))
    this.sink(this)
  }
}
