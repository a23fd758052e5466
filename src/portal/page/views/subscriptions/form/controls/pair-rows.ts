import { useId } from 'preact/hooks'
import { html } from '../../../../html.ts'
import { valueOf } from '../../../../parts/field.ts'
import { Icon } from '../../../../parts/icon.ts'
import type { Pair } from '../model/draft.ts'

interface PairRowsProps {
  legend: string
  hint: unknown
  /** What one row is called: "header". */
  item: string
  nameLabel: string
  valueLabel: string
  namePlaceholder: string
  valuePlaceholder: string
  /** Names that the browser offers. */
  suggestions?: readonly string[]
  /** True: the values are for machines, and set in fixed-width type. */
  isMono?: boolean
  rows: readonly Pair[]
  errorOf: (row: Pair) => string | undefined
  /** What is wrong with the rows as a whole. */
  error?: string | undefined
  onChange: (rows: readonly Pair[]) => void
}

/** A list of names with values, to which rows can be added. */
export const PairRows = ({ legend, hint, item, suggestions = [], rows, error, onChange, ...row }: PairRowsProps) => {
  const listId = useId()
  return html`<fieldset class="pairs">
    <legend>${legend} <span class="optional">optional</span></legend>
    <p class="hint">${hint}</p>
    <datalist id=${listId}>${suggestions.map(name => html`<option value=${name} />`)}</datalist>
    ${rows.map(
      (pair, index) =>
        html`<${PairRow}
          key=${index}
          ...${row}
          of=${`${item} ${index + 1}`}
          listId=${listId}
          pair=${pair}
          onChange=${(changed: Pair) => onChange(rows.with(index, changed))}
          onRemove=${() => onChange(rows.toSpliced(index, 1))}
        />`,
    )}
    ${error !== undefined && html`<p class="error">${error}</p>`}
    <button type="button" class="button" onClick=${() => onChange([...rows, { name: '', value: '' }])}>
      <${Icon} name="plus" />Add a ${item}
    </button>
  </fieldset>`
}

type RowTexts = 'nameLabel' | 'valueLabel' | 'namePlaceholder' | 'valuePlaceholder' | 'isMono' | 'errorOf'

interface PairRowProps extends Pick<PairRowsProps, RowTexts> {
  /** Names the row for a screen reader: "header 2". */
  of: string
  listId: string
  pair: Pair
  onChange: (pair: Pair) => void
  onRemove: () => void
}

const PairRow = ({ of, listId, pair, isMono = false, errorOf, onChange, onRemove, ...texts }: PairRowProps) => {
  const error = errorOf(pair)
  const invalid = error === undefined ? undefined : 'true'
  return html`<div class="pair">
    <input
      class="mono"
      aria-label=${`${texts.nameLabel} of ${of}`}
      placeholder=${texts.namePlaceholder}
      list=${listId}
      value=${pair.name}
      aria-invalid=${invalid}
      onInput=${(event: Event) => onChange({ ...pair, name: valueOf(event) })}
    />
    <input
      class=${isMono ? 'mono' : ''}
      aria-label=${`${texts.valueLabel} of ${of}`}
      placeholder=${texts.valuePlaceholder}
      value=${pair.value}
      aria-invalid=${invalid}
      onInput=${(event: Event) => onChange({ ...pair, value: valueOf(event) })}
    />
    <button type="button" class="button ghost" aria-label=${`Remove ${of}`} onClick=${onRemove}>
      <${Icon} name="close" />
    </button>
    ${error !== undefined && html`<p class="error">${error}</p>`}
  </div>`
}
