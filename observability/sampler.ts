import { TraceFlags } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import { originOf } from './origin.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The sampler that `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` ask for (OpenTelemetry environment variables; `parentbased_always_on` when
 * unset). Throws on an unknown value, where the SDK takes its default: a mistake would show only as an empty Jaeger, or as a full one.
 *
 * With the parent-based ones a trace that continues an earlier one is kept exactly if that one is: the late attempts of a check-in are
 * found whenever the check-in is.
 */
export const samplerOf = (environment: Environment): Sampler => {
  const name = environment['OTEL_TRACES_SAMPLER']?.trim() || 'parentbased_always_on'
  const root = roots[name.replace('parentbased_', '')]?.(environment)
  if (root === undefined)
    throw new Error(
      `OTEL_TRACES_SAMPLER is "${name}"; known are ${Object.keys(roots).join(', ')}, each also with parentbased_ before it`,
    )
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: asTheOrigin(root) }) : root
}

const roots: Readonly<Record<string, (environment: Environment) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: environment => new TraceIdRatioBasedSampler(ratioOf(environment)),
}

const ratioOf = ({ OTEL_TRACES_SAMPLER_ARG: text = '' }: Environment): number => {
  const ratio = text.trim() === '' ? 1 : Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new Error(`OTEL_TRACES_SAMPLER_ARG is "${text}"; a number from 0 to 1 is needed`)
}

const kept: Sampler = new AlwaysOnSampler()
const left: Sampler = new AlwaysOffSampler()

/** Decides as was decided for the origin; without one, as `otherwise` does. */
const asTheOrigin = (otherwise: Sampler): Sampler => ({
  shouldSample: (context, ...span) => {
    const origin = originOf(context)
    if (origin === undefined) return otherwise.shouldSample(context, ...span)
    return ((origin.traceFlags & TraceFlags.SAMPLED) === 0 ? left : kept).shouldSample(context, ...span)
  },
  toString: () => `AsTheOrigin{otherwise=${otherwise.toString()}}`,
})
