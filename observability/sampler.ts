import { trace, TraceFlags } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` ask for (OpenTelemetry environment variables; `parentbased_always_on` when
 * unset). Throws on a value that it does not know: a mistake would show as an empty Jaeger only, or as a full one.
 *
 * With the parent-based ones a trace that goes on with an earlier one is kept exactly if that one is: the late attempts of a check-in are
 * found whenever the check-in is.
 */
export const samplerOf = (environment: Environment): Sampler => {
  const name = environment['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  const parentBased = name.startsWith('parentbased_')
  const root = roots[name.replace('parentbased_', '')]?.(environment)
  if (root === undefined)
    throw new Error(
      `OTEL_TRACES_SAMPLER is "${name}"; known are ${Object.keys(roots).join(', ')}, each also with parentbased_ before it`,
    )
  return parentBased ? asTheParent(asTheLinked(root)) : root
}

const roots: Readonly<Record<string, (environment: Environment) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: environment => new TraceIdRatioBasedSampler(ratioOf(environment)),
}

const ratioOf = ({ OTEL_TRACES_SAMPLER_ARG: text }: Environment): number => {
  const ratio = text === undefined || text === '' ? 1 : Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new Error(`OTEL_TRACES_SAMPLER_ARG is "${text}"; a number from 0 to 1 is needed`)
}

const kept = { decision: SamplingDecision.RECORD_AND_SAMPLED } as const
const left = { decision: SamplingDecision.NOT_RECORD } as const
const asFlags = (traceFlags: TraceFlags) => ((traceFlags & TraceFlags.SAMPLED) === 0 ? left : kept)

/** Decides by the parent, whichever process it is of; without one, as `otherwise` does. */
const asTheParent = (otherwise: Sampler): Sampler => ({
  shouldSample: (context, ...span) => {
    const parent = trace.getSpanContext(context)
    return parent === undefined ? otherwise.shouldSample(context, ...span) : asFlags(parent.traceFlags)
  },
  toString: () => `AsTheParent{otherwise=${otherwise.toString()}}`,
})

/** Decides by the first link; without one, as `otherwise` does. */
const asTheLinked = (otherwise: Sampler): Sampler => ({
  shouldSample: (context, traceId, name, kind, attributes, links) => {
    const [link] = links
    if (link === undefined) return otherwise.shouldSample(context, traceId, name, kind, attributes, links)
    return asFlags(link.context.traceFlags)
  },
  toString: () => `AsTheLinked{otherwise=${otherwise.toString()}}`,
})
