import { useId } from 'preact/hooks'
import { html } from '../html.ts'

interface FieldProps {
  label: string
  /** A sentence below: what it does, its unit and bounds. */
  hint?: unknown
  /** What is wrong with it. */
  error?: string | undefined
  /** Shows that it may be left empty. */
  isOptional?: boolean
  /** The control: a function of what ties it to its label, hint and error. */
  children?: (tied: Tied) => unknown
}

/** To be spread over the control: `<input ...${tied} value=…>`. */
export interface Tied {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: 'true'
}

/** One setting of a form, with its label, and what is wrong with it beside it. */
export const Field = ({ label, hint, error, isOptional = false, children }: FieldProps) => {
  const id = useId()
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  const tied: Tied = {
    id,
    ...(describedBy === '' ? {} : { 'aria-describedby': describedBy }),
    ...(error === undefined ? {} : { 'aria-invalid': 'true' }),
  }
  return html`<div class=${error === undefined ? 'field' : 'field wrong'}>
    <label for=${id}>${label}${isOptional && html` <span class="optional">optional</span>`}</label>
    ${children?.(tied)} ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`
}

/** What is wrong with the field of a JSON Pointer, or with something below it. */
export type FaultAt = (pointer: string) => string | undefined
