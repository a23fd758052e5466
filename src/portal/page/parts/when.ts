import { html } from '../html.ts'
import { now } from './clock.ts'

const second = 1_000
/** Each unit, and from how many of it on a larger one is said. */
const steps = [
  ['day', 86_400 * second, Infinity],
  ['hour', 3_600 * second, 24],
  ['minute', 60 * second, 60],
  ['second', second, 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** "3 minutes ago", "in 20 seconds". */
export const relativeTime = (at: number, from: number): string => {
  const aheadMs = at - from
  if (Math.abs(aheadMs) < 2 * second) return 'just now'
  const [unit, unitMs, limit] = steps.find(([, ms]) => Math.abs(aheadMs) >= ms) ?? ['second', second, 60]
  const count = Math.min(Math.round(Math.abs(aheadMs) / unitMs), limit - 1)
  return relative.format(aheadMs < 0 ? -count : count, unit)
}

/** "25 Nov 2026, 01:30:12", in the time of the reader. */
export const absoluteTime = (at: number): string => absolute.format(at)

/** "01:30:12" today, with its date on any other day. */
export const shortTime = (at: number): string =>
  new Date(at).toDateString() === new Date().toDateString() ? clockTime.format(at) : absolute.format(at)

/** A moment (RFC 3339), as people say it; the exact one on hover, or beside it with `both`. */
export const When = ({ at, both = false }: { at: string; both?: boolean }) => {
  const moment = Date.parse(at)
  const exact = absoluteTime(moment)
  const said = relativeTime(moment, now.value)
  return both
    ? html`<time class="when" datetime=${at}>${exact} <span class="quiet">(${said})</span></time>`
    : html`<time class="when" datetime=${at} title=${exact}>${said}</time>`
}
