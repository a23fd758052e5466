import type { EpochMs } from '../domain/time.ts'

/** Returns the delay in a Retry-After header (RFC 9110 §10.2.3: seconds or an HTTP-date); null without a valid header. */
export const readRetryAfter = (header: string | string[] | undefined, now: EpochMs): number | null => {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (text === undefined) return null
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
