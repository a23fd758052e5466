import { html } from '../html.ts'

/** The head of a column: its text, and whether it holds numbers. A column of buttons has a text for screen readers only. */
export interface Column {
  readonly text: string
  readonly isNumber?: boolean
  readonly isHidden?: boolean
}

interface TableProps {
  /** Names the table for a screen reader. */
  label: string
  columns: readonly Column[]
  className?: string
  /** Its rows. */
  children?: unknown
}

/** A framed table, which scrolls sideways where it does not fit. */
export const Table = ({ label, columns, className = '', children }: TableProps) =>
  html`<div class="table-wrap" tabindex="0" role="region" aria-label=${label}>
    <table class=${className}>
      <thead>
        <tr>
          ${columns.map(
            ({ text, isNumber = false, isHidden = false }) =>
              html`<th scope="col" key=${text} class=${isNumber ? 'number' : ''}>
                ${isHidden ? html`<span class="visually-hidden">${text}</span>` : text}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${children}
      </tbody>
    </table>
  </div>`
