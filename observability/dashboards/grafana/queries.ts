import { label, type LabelKey, type Matchers, type MetricKey, series } from '../prometheus/series.ts'

/** Grafana's own: a window that fits the resolution and the scrape interval. */
const window = '[$__rate_interval]'

const by = (labels: readonly (LabelKey | 'le' | 'instance')[]) =>
  labels.length === 0 ? '' : ` by (${labels.map(label).join(', ')})`

/** How many a second. */
export const perSecond = (
  metric: MetricKey,
  matchers: Matchers = {},
  labels: readonly (LabelKey | 'instance')[] = [],
): string => `sum${by(labels)} (rate(${series(metric, matchers)}${window}))`

/** How many a second a histogram has recorded. */
export const recorded = (
  metric: MetricKey,
  matchers: Matchers = {},
  labels: readonly (LabelKey | 'instance')[] = [],
): string => `sum${by(labels)} (rate(${series(metric, matchers, '_count')}${window}))`

/** A quantile of a histogram. */
export const quantile = (
  of: number,
  metric: MetricKey,
  matchers: Matchers = {},
  labels: readonly LabelKey[] = [],
): string =>
  `histogram_quantile(${of}, sum${by(['le', ...labels])} (rate(${series(metric, matchers, '_bucket')}${window})))`

/** The mean of a histogram. */
export const mean = (metric: MetricKey, labels: readonly LabelKey[] = []): string =>
  `sum${by(labels)} (rate(${series(metric, {}, '_sum')}${window})) / (sum${by(labels)} (rate(${series(metric, {}, '_count')}${window})) > 0)`

/** What a heat map is made of. */
export const buckets = (metric: MetricKey, matchers: Matchers = {}): string =>
  `sum by (le) (rate(${series(metric, matchers, '_bucket')}${window}))`

/** A gauge over all processes: each tells of its own part, or one for all. */
export const total = (metric: MetricKey, matchers: Matchers = {}, labels: readonly (LabelKey | 'instance')[] = []) =>
  `sum${by(labels)} (${series(metric, matchers)})`

/** A gauge of which several processes may tell the same, or the worst of what they tell. */
export const highest = (metric: MetricKey, matchers: Matchers = {}, labels: readonly (LabelKey | 'instance')[] = []) =>
  `max${by(labels)} (${series(metric, matchers)})`

/** A legend that names a label's value. */
export const named = (key: LabelKey): string => `{{${label(key)}}}`
