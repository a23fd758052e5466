import { type Context, createContextKey, type SpanContext } from '@opentelemetry/api'

const key = createContextKey('the span that a later trace continues')

/** The context for the first span of a trace that continues an earlier one; the sampler decides as it did for that one. */
export const withOrigin = (context: Context, origin: SpanContext): Context => context.setValue(key, origin)

export const originOf = (context: Context): SpanContext | undefined => context.getValue(key) as SpanContext | undefined
