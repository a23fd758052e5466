import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { label, type LabelKey, type Matchers, type MetricKey, series } from '../prometheus/series.ts'
import { prometheus } from './data-sources.ts'

/** One line of panels under a heading, in the order in which an engineer on call asks. */
export interface Row {
  readonly title: string
  readonly panels: readonly Builder<Panel>[]
}

export interface DashboardOptions {
  /** Its address in Grafana and the name of its file. */
  readonly uid: string
  readonly title: string
  readonly about: string
  readonly variables?: readonly Builder<VariableModel>[]
  readonly rows: readonly Row[]
}

export const dashboard = ({ uid, title, about, variables = [], rows }: DashboardOptions): Dashboard => {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags(['doorbell'])
    .timezone('browser')
    .readonly()
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Doorbell')
        .type(DashboardLinkType.Dashboards)
        .tags(['doorbell'])
        .asDropdown(true)
        .keepTime(true),
    )
    .variables([...variables])
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panel)
  }
  const built = builder.build()
  return { ...built, panels: (built.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) }
}

/** A variable that offers the values of a label. */
export const choice = (name: string, about: string, metric: MetricKey, key: LabelKey, matchers: Matchers = {}) =>
  new QueryVariableBuilder(name)
    .label(about)
    .datasource(prometheus)
    .query(`label_values(${series(metric, matchers)}, ${label(key)})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)

/** A variable that the user types in. */
export const typed = (name: string, about: string, value: string) =>
  new TextBoxVariableBuilder(name).label(about).defaultValue(value)
