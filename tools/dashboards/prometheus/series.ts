import type { MetricShape } from '../../../observability/catalogue/shapes.ts'
import { attributeShapes, metricShapes } from '../../../observability/names.ts'
import { prometheusName, sanitized } from '../../../observability/prometheus-names.ts'

export type MetricKey = keyof typeof metricShapes
export type LabelKey = keyof typeof attributeShapes

/** Matchers by attribute. A value alone means equal, `~` before it a regular expression, `!` and `!~` their opposites. */
export type Matchers = Partial<Record<LabelKey, string>> & Readonly<Record<string, string>>

/** A label’s name in Prometheus. Names outside of the catalogue (`le`, `job`) stay as they are. */
export const label = (key: LabelKey | 'le' | 'job' | 'instance'): string =>
  key in attributeShapes ? sanitized(attributeShapes[key as LabelKey].name) : key

/** A series of the catalogue: `series('inFlight')`, `series('attemptDuration', { outcome: 'own_fault' }, '_count')`. */
export const series = (
  metric: MetricKey,
  matchers: Matchers = {},
  part: '' | '_count' | '_sum' | '_bucket' = '',
): string => {
  const shape: MetricShape = metricShapes[metric]
  const conditions = Object.entries(matchers).map(([key, text]) => {
    const [, operator = '', value = ''] = /^(!~|!|~)?(.*)$/s.exec(text) ?? []
    return `${label(key as LabelKey)}${operators[operator] ?? '='}"${value}"`
  })
  return `${prometheusName(shape)}${part}${conditions.length === 0 ? '' : `{${conditions.join(',')}}`}`
}

const operators: Readonly<Record<string, string>> = { '': '=', '~': '=~', '!': '!=', '!~': '!~' }

/** Requests that post check-ins, single or in batches. The dots stand for braces, which are syntax in a regular expression. */
export const checkIns: Matchers = { httpMethod: 'POST', httpRoute: '~/v1/tenants/.tenant./events(/batch)?' }
