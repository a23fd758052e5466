import { useEffect, useRef } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface Frame {
  title: string
  /** A sentence or a line of facts under the title. */
  lead?: unknown
  /** Buttons at its right. */
  actions?: unknown
  /** Where it belongs: `{ href, label }` of the view above. */
  back?: { href: string; label: string }
  children?: unknown
}

/** A view: its title, which the focus goes to when it is shown, and its content. */
export const PageFrame = ({ title, lead, actions, back, children }: Frame) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  useEffect(() => {
    document.title = `${title} · Doorbell`
  }, [title])
  return html`<div class="view">
    ${back && html`<a class="back" href=${back.href}><${Icon} name="back" />${back.label}</a>`}
    <header class="view-head">
      <div class="view-title">
        <h1 tabindex="-1" ref=${heading}>${title}</h1>
        ${lead && html`<div class="lead">${lead}</div>`}
      </div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${children}
  </div>`
}
