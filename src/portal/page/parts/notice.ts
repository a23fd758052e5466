import { html } from '../html.ts'
import { Icon } from './icon.ts'

interface NoticeProps {
  tone: 'ok' | 'warn' | 'bad'
  title: string
  /** `alert` for what interrupts, e.g. a problem. */
  role?: 'alert'
  /** Buttons and links below the text. */
  foot?: unknown
  children?: unknown
}

/** A framed message: something succeeded, needs attention, or failed. */
export const Notice = ({ tone, title, role, foot, children }: NoticeProps) =>
  html`<div class=${`notice ${tone}`} role=${role}>
    <${Icon} name=${tone === 'ok' ? 'check' : 'alert'} />
    <div class="notice-body">
      <p class="notice-title">${title}</p>
      ${children} ${foot && html`<div class="notice-foot">${foot}</div>`}
    </div>
  </div>`
