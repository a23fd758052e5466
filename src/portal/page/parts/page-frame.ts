import { useEffect, useRef } from 'preact/hooks'
import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface PageFrameProps {
  title: string
  /** A sentence or a line of facts below the title. */
  lead?: unknown
  /** Buttons to the right of the title. */
  actions?: unknown
  /** A link to the view above this one. */
  back?: { href: string; label: string }
  children?: unknown
}

/** A view with its title, which receives the focus when the view is shown, and its content. */
export const PageFrame = ({ title, lead, actions, back, children }: PageFrameProps) => {
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
