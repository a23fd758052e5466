import { type EventsDraft, filledRows } from './draft.ts'
import type { SettingModels } from './setting.ts'

export const emptyEvents: EventsDraft = { eventTypes: [], filter: [] }

export const eventsModel: SettingModels<'eventTypes' | 'filter'> = {
  eventTypes: {
    name: 'events',
    toDraft: (eventTypes = []) => ({ eventTypes }),
    fromDraft: ({ eventTypes }, faults) => {
      if (eventTypes.length === 0) faults.add('/eventTypes', 'Choose at least one event type.')
      return [...eventTypes]
    },
  },
  filter: {
    name: 'filter',
    toDraft: (filter = {}) => ({
      filter: Object.entries(filter).map(([name, values]) => ({
        name,
        value: values.map(writeFilterValue).join(', '),
      })),
    }),
    fromDraft: ({ filter }) => {
      const rows = filledRows(filter)
      if (rows.length === 0) return undefined
      return Object.fromEntries(rows.map(({ name, value }) => [name.trim(), readFilterValues(value)]))
    },
  },
}

type FilterValue = string | number | boolean

/** Reads `brussels-hq, 12, true, "12"`: numbers and booleans are themselves, unless quotes make them text. */
export const readFilterValues = (text: string): FilterValue[] =>
  [...text.matchAll(/\s*(?:"([^"]*)"|([^,]+))\s*(?:,|$)/g)]
    .map(([, quoted, plain = '']): FilterValue => {
      if (quoted !== undefined) return quoted
      const bare = plain.trim()
      if (bare === 'true' || bare === 'false') return bare === 'true'
      return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare
    })
    .filter(value => value !== '')

const writeFilterValue = (value: FilterValue): string => {
  const isPlain = typeof value !== 'string' || (readFilterValues(value)[0] === value && !value.includes('"'))
  return isPlain ? String(value) : `"${value}"`
}
