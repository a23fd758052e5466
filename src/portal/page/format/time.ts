import { dayMs, hourMs, minuteMs, secondMs } from './units.ts'

/** Each unit, and the count from which the next larger unit is used. */
const steps = [
  ['day', dayMs, Infinity],
  ['hour', hourMs, 24],
  ['minute', minuteMs, 60],
  ['second', secondMs, 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
/** `long` adds the zone: in the night in which the clocks go back, 02:30 is two moments. */
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'long' })

/** "3 minutes ago", "in 20 seconds". */
export const relativeTime = (at: number, from: number): string => {
  const aheadMs = at - from
  if (Math.abs(aheadMs) < 2 * secondMs) return 'just now'
  const [unit, unitMs, limit] = steps.find(([, ms]) => Math.abs(aheadMs) >= ms) ?? ['second', secondMs, 60]
  const count = Math.min(Math.round(Math.abs(aheadMs) / unitMs), limit - 1)
  return relative.format(aheadMs < 0 ? -count : count, unit)
}

/** "25 Nov 2026, 01:30:12 CET", in the reader’s time zone. */
export const absoluteTime = (at: number): string => absolute.format(at)

/** "01:30:12 CET" for today; with the date for any other day. */
export const shortTime = (at: number): string =>
  new Date(at).toDateString() === new Date().toDateString() ? clockTime.format(at) : absolute.format(at)

const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })

/** "CET", "GMT+5:30": the reader’s time zone at that moment. */
export const zoneOf = (at: number): string =>
  zone.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''

const moment = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

/** A sentence of the API with its RFC 3339 times in the reader’s time zone. */
export const inLocalTime = (sentence: string): string => sentence.replace(moment, at => shortTime(Date.parse(at)))
