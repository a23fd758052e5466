import { useId } from 'preact/hooks'
import { html } from '../html.ts'

interface FieldProps {
  label: unknown
  /** A sentence below the control: what the setting does, its unit and its limits. */
  hint?: unknown
  /** What is wrong with the value. */
  error?: string | undefined
  /** Marks a field that may stay empty. */
  isOptional?: boolean
  /** True: several short fields share a row. */
  isShort?: boolean
  /** The control, as a function of the attributes that connect it with its label, hint and error. */
  children?: (tied: Tied) => unknown
}

/** Attributes for the control: `<input ...${tied} value=…>`. */
export interface Tied {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: 'true'
}

/** One field of a form: its label, its control, and beside it what is wrong with it. */
export const Field = ({ label, hint, error, isOptional = false, isShort = false, children }: FieldProps) => {
  const id = useId()
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  const tied: Tied = {
    id,
    ...(describedBy === '' ? {} : { 'aria-describedby': describedBy }),
    ...(error === undefined ? {} : { 'aria-invalid': 'true' }),
  }
  return html`<div class=${isShort ? 'field short' : 'field'}>
    <label for=${id}>${label}${isOptional && html` <span class="optional">optional</span>`}</label>
    ${children?.(tied)} ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`
}

/** Returns what is wrong with the value at a JSON Pointer, or with a value below it. */
export type FaultAt = (pointer: string) => string | undefined

/** The text of an input or a select after an event. */
export const valueOf = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value
