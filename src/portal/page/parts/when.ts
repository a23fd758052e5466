import { absoluteTime, relativeTime, shortTime } from '../format/time.ts'
import { html } from '../html.ts'
import { now } from './clock.ts'

/** A relative time such as "3 minutes ago" for an RFC 3339 time. The exact time is its tooltip, or stands before it with `both`. */
export const When = ({ at, both = false }: { at: string; both?: boolean }) => {
  const moment = Date.parse(at)
  const exact = absoluteTime(moment)
  const text = relativeTime(moment, now.value)
  return both
    ? html`<time class="when" datetime=${at}>${exact} <span class="quiet">(${text})</span></time>`
    : html`<time class="when" datetime=${at} title=${exact}>${text}</time>`
}

/** A relative time with the clock time beside it, for an entry of a log. */
export const LogTime = ({ at }: { at: string }) =>
  html`<span class="log-time"><${When} at=${at} /> <span class="clock">${shortTime(Date.parse(at))}</span></span>`
