import { html } from '../html.ts'
import { Field, type Tied } from './field.ts'

interface InputProps {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: unknown
  error?: string | undefined
  isOptional?: boolean
}

const valueOf = (event: Event): string => (event.target as HTMLInputElement).value

/** A line of text. `isMono` for what a machine reads. */
export const TextInput = ({
  label,
  value,
  onChange,
  hint,
  error,
  isOptional,
  isMono = false,
  type = 'text',
  placeholder,
  inputMode,
}: InputProps & { isMono?: boolean; type?: string; placeholder?: string; inputMode?: string }) =>
  html`<${Field} label=${label} hint=${hint} error=${error} isOptional=${isOptional}>
    ${(tied: Tied) =>
      html`<input
        ...${tied}
        type=${type}
        class=${isMono ? 'mono' : ''}
        value=${value}
        placeholder=${placeholder}
        inputmode=${inputMode}
        autocomplete="off"
        spellcheck=${!isMono}
        onInput=${(event: Event) => onChange(valueOf(event))}
      />`}
  <//>`

interface ChoiceProps {
  /** Names the group for a screen reader, and for the browser. */
  legend: string
  value: string
  onChange: (value: string) => void
  options: readonly { readonly value: string; readonly label: string; readonly hint?: string }[]
  name: string
}

/** One of a few, each with a sentence on what it means. */
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

interface ToggleProps {
  label: string
  hint?: unknown
  isOn: boolean
  onChange: (isOn: boolean) => void
}

/** On or off, with what it does. */
export const Toggle = ({ label, hint, isOn, onChange }: ToggleProps) =>
  html`<label class="toggle">
    <input
      type="checkbox"
      checked=${isOn}
      onChange=${(event: Event) => onChange((event.target as HTMLInputElement).checked)}
    />
    <span><b>${label}</b>${hint && html`<span class="hint">${hint}</span>`}</span>
  </label>`
