import { html } from '../../../../html.ts'
import type { Pair } from '../model/draft.ts'
import type { SettingControls } from './control.ts'
import { EventTypePicker } from './event-type-picker.ts'
import { PairRows } from './pair-rows.ts'

const suggestedFields = ['site', 'host', 'visitor']

export const eventsControls: SettingControls<'eventTypes' | 'filter'> = {
  eventTypes: ({ draft, set, faultAt }) =>
    html`<${EventTypePicker}
      value=${draft.eventTypes}
      error=${faultAt('/eventTypes')}
      onChange=${(eventTypes: readonly string[]) => set({ eventTypes })}
    />`,
  filter: ({ draft, set, faultAt }) =>
    html`<${PairRows}
      legend="Filter"
      hint=${html`Send only events in which the field has one of the values, e.g. <code>site</code>:
        <code>brussels-hq, ghent</code>. Visitors and hosts are compared by id.`}
      item="condition"
      nameLabel="Field"
      valueLabel="Values"
      namePlaceholder="field"
      valuePlaceholder="values, separated by commas"
      suggestions=${suggestedFields}
      rows=${draft.filter}
      errorOf=${({ name }: Pair) => faultAt(`/filter/${name.trim()}`)}
      onChange=${(filter: readonly Pair[]) => set({ filter })}
    />`,
}
