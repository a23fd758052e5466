import { html } from '../html.ts'
import { valueOf } from './field.ts'
import { type Option, Options } from './select.ts'

interface FilterSelectProps {
  label: string
  /** The text of the first option, which filters nothing. */
  all: string
  value: string | undefined
  options: readonly Option[]
  onChange: (chosen?: string) => void
}

/** The row of filters above a list. */
export const Filters = ({ children }: { children?: unknown }) =>
  html`<div class="filters" role="group" aria-label="Filters">${children}</div>`

/** A filter with one of several values. */
export const FilterSelect = ({ label, all, value = '', options, onChange }: FilterSelectProps) =>
  html`<select
    class=${value === '' ? 'filter' : 'filter chosen'}
    aria-label=${label}
    value=${value}
    onChange=${(event: Event) => onChange(valueOf(event) || undefined)}
  >
    <${Options} options=${[['', all], ...options]} value=${value} />
  </select>`

/** A button that removes all filters. */
export const ClearFilters = ({ onClear }: { onClear: () => void }) =>
  html`<button type="button" class="button ghost small" onClick=${onClear}>Clear filters</button>`
