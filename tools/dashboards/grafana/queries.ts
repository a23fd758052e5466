import { label, type LabelKey, type Matchers, type MetricKey, series } from '../prometheus/series.ts'

/** Grafana chooses this window to fit the resolution and the scrape interval. */
const window = '[$__rate_interval]'

const by = (labels: readonly (LabelKey | 'le' | 'instance')[]) =>
  labels.length === 0 ? '' : ` by (${labels.map(label).join(', ')})`

/** A counter’s rate per second. */
export const perSecond = (
  metric: MetricKey,
  matchers: Matchers = {},
  labels: readonly (LabelKey | 'instance')[] = [],
): string => `sum${by(labels)} (rate(${series(metric, matchers)}${window}))`

/** A histogram’s recorded values per second. */
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

/** The rates of a histogram’s buckets, for a heat map. */
export const buckets = (metric: MetricKey, matchers: Matchers = {}): string =>
  `sum by (le) (rate(${series(metric, matchers, '_bucket')}${window}))`

/** The sum of a gauge over all processes, when each reports its own part. */
export const total = (metric: MetricKey, matchers: Matchers = {}, labels: readonly (LabelKey | 'instance')[] = []) =>
  `sum${by(labels)} (${series(metric, matchers)})`

/** The highest value of a gauge over all processes, when several may report the same figure. */
export const highest = (metric: MetricKey, matchers: Matchers = {}, labels: readonly (LabelKey | 'instance')[] = []) =>
  `max${by(labels)} (${series(metric, matchers)})`

/** A legend with a label’s value. */
export const named = (key: LabelKey): string => `{{${label(key)}}}`
