import htm from 'htm'
import { h, type VNode } from 'preact'

type Markup = (strings: TemplateStringsArray, ...values: unknown[]) => VNode

// htm's types are for CommonJS; what a browser loads is its ES module, whose default export is the function.
const bound = (htm as unknown as { bind(create: typeof h): Markup }).bind(h)

/** htm keeps what it made of a template by its strings, so these must be the same each time. */
const known = new WeakMap<TemplateStringsArray, TemplateStringsArray>()

/** Markup as a tagged template: html`<p>${text}</p>`, html`<${Component} of=${value} />`. A line break beside text is a space, as in HTML. */
export const html: Markup = (strings, ...values) => {
  let spaced = known.get(strings)
  if (spaced === undefined) known.set(strings, (spaced = withSpaces(strings)))
  return bound(spaced, ...values)
}

/** htm drops a line break with the blanks around it; between words that runs them together. */
const withSpaces = (strings: TemplateStringsArray): TemplateStringsArray =>
  strings.map(text =>
    text.replaceAll(/\s*\n\s*/g, (blank, at: number) =>
      isText(text[at - 1]) || isText(text[at + blank.length]) ? ' ' : blank,
    ),
  ) as unknown as TemplateStringsArray

const isText = (character: string | undefined): boolean =>
  character !== undefined && character !== '<' && character !== '>'
