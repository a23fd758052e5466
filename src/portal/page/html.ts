import htm from 'htm'
import { h, type VNode } from 'preact'

type Markup = (strings: TemplateStringsArray, ...values: unknown[]) => VNode

/** Markup as a tagged template: html`<p>${text}</p>`, html`<${Component} of=${value} />`. */
// htm's types are for CommonJS; what a browser loads is its ES module, whose default export is the function.
export const html: Markup = (htm as unknown as { bind(create: typeof h): Markup }).bind(h)
