import htm from 'htm'
import { h, type VNode } from 'preact'

type Markup = (strings: TemplateStringsArray, ...values: unknown[]) => VNode

// htm's types are for CommonJS; what a browser loads is its ES module, whose default export is the function.
const bound = (htm as unknown as { bind(create: typeof h): Markup }).bind(h)

/** htm caches a compiled template by the identity of its strings, so a template must pass the same array each time. */
const known = new WeakMap<TemplateStringsArray, TemplateStringsArray>()

/** Markup as a tagged template: html`<p>${text}</p>`, html`<${Component} of=${value} />`. A line break next to text counts as a space, as in HTML. */
export const html: Markup = (strings, ...values) => {
  let spaced = known.get(strings)
  if (spaced === undefined) known.set(strings, (spaced = withSpaces(strings)))
  return bound(spaced, ...values)
}

/** htm removes line breaks with the blanks around them, which would join two words. */
const withSpaces = (strings: TemplateStringsArray): TemplateStringsArray =>
  strings.map(text =>
    text.replaceAll(/\s*\n\s*/g, (blank, at: number) =>
      isText(text[at - 1]) || isText(text[at + blank.length]) ? ' ' : blank,
    ),
  ) as unknown as TemplateStringsArray

const isText = (character: string | undefined): boolean =>
  character !== undefined && character !== '<' && character !== '>'
