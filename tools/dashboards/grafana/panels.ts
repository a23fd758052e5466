import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { BigValueColorMode, BigValueGraphMode, StackingMode } from '@grafana/grafana-foundation-sdk/common'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { prometheus, jaeger } from './data-sources.ts'

/** There are few kinds of panels, so that all dashboards look alike. A dashboard is 24 columns wide. */
export interface PanelOptions {
  readonly title: string
  /** What it shows and how to read it. */
  readonly about: string
  /** Grafana's name of the unit: `s`, `bytes`, `percentunit`, `short`, `eps` (events a second). */
  readonly unit: string
  readonly width: number
}

/** Expressions by the legend of their series. */
export type Queries = Readonly<Record<string, string>>

/** Grafana identifies the queries of a panel by letters. */
const letters = 'ABCDEFGH'

const query = (expr: string, legend: string) =>
  new DataqueryBuilder().datasource(prometheus).expr(expr).legendFormat(legend)

const steps = (green: number | null, amber: number, red: number) =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(
    green === null
      ? [
          { value: null, color: 'red' },
          { value: red, color: 'orange' },
          { value: amber, color: 'green' },
        ]
      : [
          { value: null, color: 'green' },
          { value: amber, color: 'orange' },
          { value: red, color: 'red' },
        ],
  )

/** Where a figure turns amber and red: above these values, or below them when `amber` is above `red`. */
export interface Limits {
  readonly amber: number
  readonly red: number
}

/** One figure with its recent values, coloured by its limits. */
export const figure = ({ title, about, unit, width }: PanelOptions, expr: string, { amber, red }: Limits) =>
  new StatBuilder()
    .title(title)
    .description(about)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(4)
    .decimals(unit === 'percentunit' ? 1 : 0)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(steps(amber > red ? null : 0, amber, red))
    .withTarget(query(expr, title).refId('A'))

export interface TrendOptions extends PanelOptions {
  /** True when the series are parts of a whole. */
  readonly stacked?: boolean
  /** The target of a click on a series: a title and a url that may use its labels. */
  readonly link?: readonly [title: string, url: string]
}

/** Series over time. */
export const trend = ({ title, about, unit, width, stacked = false, link }: TrendOptions, queries: Queries) => {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(about)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(8)
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 5)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal))
  if (link !== undefined) panel.dataLinks([new DashboardLinkBuilder(link[0]).url(link[1]).targetBlank(true)])
  for (const [index, [legend, expr]] of Object.entries(queries).entries())
    panel.withTarget(query(expr, legend).refId(letters[index] ?? ''))
  return panel
}

/** A histogram’s values over time. `expr` is the rate of its buckets by `le`. */
export const heat = ({ title, about, unit, width }: PanelOptions, expr: string) =>
  new HeatmapBuilder()
    .title(title)
    .description(about)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(9)
    .calculate(false)
    .withTarget(query(expr, '{{le}}').format(PromQueryFormat.Heatmap).refId('A'))

/** Traces with these tags, the newest first, with links to Jaeger. */
export const traces = ({ title, about, width }: Omit<PanelOptions, 'unit'>, tags: string) => {
  const shape = { refId: 'A', datasource: jaeger, queryType: 'search', service: '$service', tags, limit: 20 }
  const search: Builder<Dataquery> = {
    build: () => ({
      ...shape,
      _implementsDataqueryVariant: () => undefined,
    }),
  }
  return new TableBuilder().title(title).description(about).datasource(jaeger).span(width).height(9).withTarget(search)
}
