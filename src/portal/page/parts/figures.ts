import { html } from '../html.ts'

/** Large numbers with their names, made of `Figure`. */
export const Figures = ({ children }: { children?: unknown }) => html`<dl class="figures">${children}</dl>`

/** One number of `Figures`. */
export const Figure = ({ name, isBad = false, children }: { name: string; isBad?: boolean; children?: unknown }) =>
  html`<div>
    <dt>${name}</dt>
    <dd class=${isBad ? 'bad' : ''}>${children}</dd>
  </div>`
