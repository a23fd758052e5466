import type { MetricShape } from './catalogue/shapes.ts'

const words: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes' }

/** An OpenTelemetry name in Prometheus’ alphabet, without suffixes for unit and kind. */
export const sanitized = (name: string): string => name.replaceAll(/[^A-Za-z0-9_]+/g, '_')

/** The name with its unit, as the OpenTelemetry specification (Prometheus compatibility) and the collector write it, still without `total`. */
export const withUnit = (name: string, unit: string, isGauge: boolean): string => {
  const word = words[unit] ?? (unit === '1' && isGauge ? 'ratio' : '')
  return word === '' || name.endsWith(`_${word}`) || name.endsWith(`.${word}`) ? name : `${name}_${word}`
}

/** A metric’s name in Prometheus. A histogram’s series add `_bucket`, `_sum` and `_count`. */
export const prometheusName = ({ name, unit, kind }: MetricShape): string =>
  `${sanitized(withUnit(name, unit, kind === 'gauge'))}${kind === 'counter' ? '_total' : ''}`
