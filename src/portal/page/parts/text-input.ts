import { html } from '../html.ts'
import { Field, type Tied, valueOf } from './field.ts'

export interface TextInputProps {
  label: unknown
  value: string
  onChange: (value: string) => void
  hint?: unknown
  error?: string | undefined
  isOptional?: boolean
  isShort?: boolean
  /** True for ids, addresses and secrets: fixed-width type and no spell check. */
  isMono?: boolean
  type?: string
  placeholder?: string
  inputMode?: string
}

/** A field with one line of text. */
export const TextInput = ({
  value,
  onChange,
  isMono = false,
  type = 'text',
  placeholder,
  inputMode,
  ...field
}: TextInputProps) =>
  html`<${Field} ...${field}>
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
