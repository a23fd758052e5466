import { html } from '../html.ts'
import { Field, type Tied, valueOf } from './field.ts'

/** A value with the text that stands for it. */
export type Option = readonly [value: string, text: string]

interface SelectFieldProps {
  label: string
  value: string
  options: readonly Option[]
  onChange: (value: string) => void
  error?: string | undefined
}

/** A field with one of several values. */
export const SelectField = ({ value, options, onChange, ...field }: SelectFieldProps) =>
  html`<${Field} ...${field}>
    ${(tied: Tied) =>
      html`<select ...${tied} value=${value} onChange=${(event: Event) => onChange(valueOf(event))}>
        <${Options} options=${options} value=${value} />
      </select>`}
  <//>`

/** The options of a `<select>`. */
export const Options = ({ options, value }: { options: readonly Option[]; value: string }) =>
  options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)
