import { html } from '../html.ts'

interface FactsProps {
  /** True: the terms take little room, for a card beside the main column. */
  isNarrow?: boolean
  children?: unknown
}

/** A list of terms with their values, made of `Fact`. */
export const Facts = ({ isNarrow = false, children }: FactsProps) =>
  html`<dl class=${isNarrow ? 'facts narrow' : 'facts'}>${children}</dl>`

/** One term of `Facts` with its value. */
export const Fact = ({ term, children }: { term: unknown; children?: unknown }) =>
  html`<dt>${term}</dt>
    <dd>${children}</dd>`
