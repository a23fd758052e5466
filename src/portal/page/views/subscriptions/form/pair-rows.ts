import { html } from '../../../html.ts'
import type { FaultAt } from '../../../parts/field.ts'
import { Icon } from '../../../parts/icon.ts'
import type { FilterRow, HeaderRow } from './settings-draft.ts'

interface RowsProps<T> {
  rows: readonly T[]
  onChange: (rows: readonly T[]) => void
  faultAt: FaultAt
}

const valueOf = (event: Event): string => (event.target as HTMLInputElement).value

/** Only events whose fields have one of these values. */
export const FilterRows = ({ rows, onChange, faultAt }: RowsProps<FilterRow>) => {
  const change = (index: number, row: Partial<FilterRow>) =>
    onChange(rows.map((one, at) => (at === index ? { ...one, ...row } : one)))
  return html`<fieldset class="pairs">
    <legend>Filter <span class="optional">optional</span></legend>
    <p class="hint">
      Only events whose field has one of the values, e.g. <code>site</code>: <code>brussels-hq, ghent</code>. Visitors
      and hosts are compared by their id.
    </p>
    <datalist id="filter-fields">
      <option value="site" />
      <option value="host" />
      <option value="visitor" />
    </datalist>
    ${rows.map(({ field, values }, index) => {
      const error = faultAt(`/filter/${field.trim()}`)
      return html`<div class="pair" key=${index}>
        <input
          class="mono"
          aria-label=${`Field of condition ${index + 1}`}
          placeholder="field"
          list="filter-fields"
          value=${field}
          aria-invalid=${error === undefined ? undefined : 'true'}
          onInput=${(event: Event) => change(index, { field: valueOf(event) })}
        />
        <input
          aria-label=${`Values of condition ${index + 1}, separated by commas`}
          placeholder="values, separated by commas"
          value=${values}
          aria-invalid=${error === undefined ? undefined : 'true'}
          onInput=${(event: Event) => change(index, { values: valueOf(event) })}
        />
        <button
          type="button"
          class="button ghost"
          aria-label=${`Remove condition ${index + 1}`}
          onClick=${() => onChange(rows.filter((_, at) => at !== index))}
        >
          <${Icon} name="close" />
        </button>
        ${error !== undefined && html`<p class="error">${error}</p>`}
      </div>`
    })}
    <button type="button" class="button" onClick=${() => onChange([...rows, { field: '', values: '' }])}>
      <${Icon} name="plus" />Add a condition
    </button>
  </fieldset>`
}

/** Headers that each request gets beside ours. */
export const HeaderRows = ({ rows, onChange, faultAt }: RowsProps<HeaderRow>) => {
  const change = (index: number, row: Partial<HeaderRow>) =>
    onChange(rows.map((one, at) => (at === index ? { ...one, ...row } : one)))
  const whole = faultAt('/headers')
  return html`<fieldset class="pairs">
    <legend>Headers <span class="optional">optional</span></legend>
    <p class="hint">
      Sent with each request. Values are kept encrypted and not shown again; <code>***</code> leaves one as it is.
    </p>
    ${rows.map(({ name, value }, index) => {
      const error = name.trim() === '' ? undefined : faultAt(`/headers/${name.trim().toLowerCase()}`)
      return html`<div class="pair" key=${index}>
        <input
          class="mono"
          aria-label=${`Name of header ${index + 1}`}
          placeholder="x-api-key"
          value=${name}
          aria-invalid=${error === undefined ? undefined : 'true'}
          onInput=${(event: Event) => change(index, { name: valueOf(event) })}
        />
        <input
          class="mono"
          aria-label=${`Value of header ${index + 1}`}
          placeholder="value"
          value=${value}
          aria-invalid=${error === undefined ? undefined : 'true'}
          onInput=${(event: Event) => change(index, { value: valueOf(event) })}
        />
        <button
          type="button"
          class="button ghost"
          aria-label=${`Remove header ${index + 1}`}
          onClick=${() => onChange(rows.filter((_, at) => at !== index))}
        >
          <${Icon} name="close" />
        </button>
        ${error !== undefined && html`<p class="error">${error}</p>`}
      </div>`
    })}
    ${whole !== undefined && rows.every(({ name }) => faultAt(`/headers/${name.trim().toLowerCase()}`) === undefined) && html`<p class="error">${whole}</p>`}
    <button type="button" class="button" onClick=${() => onChange([...rows, { name: '', value: '' }])}>
      <${Icon} name="plus" />Add a header
    </button>
  </fieldset>`
}
