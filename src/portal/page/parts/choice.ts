import { html } from '../html.ts'

export interface ChoiceOption {
  readonly value: string
  readonly label: string
  /** A sentence that explains it. */
  readonly hint?: string
}

interface ChoiceProps {
  /** Names the group for a screen reader. */
  legend: string
  /** Names the group for the browser. */
  name: string
  value: string
  onChange: (value: string) => void
  options: readonly ChoiceOption[]
}

/** A choice of one from a few options, each with a sentence that explains it. */
export const Choice = ({ legend, value, onChange, options, name }: ChoiceProps) =>
  html`<fieldset class="choice">
    <legend>${legend}</legend>
    ${options.map(
      option =>
        html`<label key=${option.value} class=${option.value === value ? 'chosen' : ''}>
          <input
            type="radio"
            name=${name}
            value=${option.value}
            checked=${option.value === value}
            onChange=${() => onChange(option.value)}
          />
          <span><b>${option.label}</b>${option.hint && html`<span class="hint">${option.hint}</span>`}</span>
        </label>`,
    )}
  </fieldset>`
