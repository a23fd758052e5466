import { minuteMs } from './units.ts'

/** The value of an `<input type="datetime-local">`: a time in the reader’s zone, without the zone. Empty for an invalid time. */
export const localTime = (at: number): string => {
  if (Number.isNaN(at)) return ''
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * minuteMs)
  return shifted.toISOString().slice(0, 19)
}

/** The RFC 3339 time of an `<input type="datetime-local">`; undefined when it is empty. */
export const readLocalTime = (text: string): string | undefined => {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** The range of this length that ends now, in RFC 3339. It is made of moments: a local time may stand for two of them. */
export const lastRange = (ms: number, now: number) => ({
  from: new Date(now - ms).toISOString(),
  to: new Date(now).toISOString(),
})
