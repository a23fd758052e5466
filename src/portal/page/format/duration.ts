import { dayMs, hourMs, minuteMs, secondMs } from './units.ts'

const units = [
  ['d', dayMs],
  ['h', hourMs],
  ['min', minuteMs],
  ['s', secondMs],
] as const

/** "1 h 20 min", "5 s", "340 ms": at most two units, rounded to the smaller one. */
export const durationText = (ms: number): string => {
  if (ms < secondMs) return `${Math.round(ms)} ms`
  if (ms < 10 * secondMs) return `${Number((ms / secondMs).toFixed(1))} s`
  const first = units.findIndex(([, unitMs]) => ms >= unitMs)
  const [unit, unitMs] = units[first] ?? ['s', secondMs]
  const [below, belowMs] = units[first + 1] ?? ['', unitMs]
  const rounded = Math.round(ms / belowMs) * belowMs
  // 59.6 s rounds to 60 s, which reads as 1 min.
  if (rounded >= (units[first - 1]?.[1] ?? Infinity)) return durationText(rounded)
  const whole = Math.floor(rounded / unitMs)
  const rest = Math.round((rounded - whole * unitMs) / belowMs)
  return rest === 0 || below === '' ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${below}`
}

/** Reads what `durationText` writes and what people type: "1h 30min", "90", "2 d". A bare number has the unit `bare`. Null if it is not a duration. */
export const readDuration = (text: string, bare: 'ms' | 's' = 's'): number | null => {
  const clean = text.trim().toLowerCase()
  if (/^\d+([.,]\d+)?$/.test(clean)) return Math.round(Number(clean.replace(',', '.')) * (bare === 's' ? secondMs : 1))
  if (!/^(\d+([.,]\d+)?\s*(ms|s|sec|m|min|h|d)\s*)+$/.test(clean)) return null
  let total = 0
  for (const [, amount = '', unit = ''] of clean.matchAll(/(\d+(?:[.,]\d+)?)\s*(ms|s(?:ec)?|m(?:in)?|h|d)/g))
    total += Number(amount.replace(',', '.')) * (unitOf[unit] ?? 0)
  return Math.round(total)
}

const unitOf: Readonly<Record<string, number>> = {
  ms: 1,
  s: secondMs,
  sec: secondMs,
  m: minuteMs,
  min: minuteMs,
  h: hourMs,
  d: dayMs,
}

/** The duration without rounding, for a field that is sent back: "12 s 345 ms". */
export const exactDuration = (ms: number): string => {
  const parts: string[] = []
  let rest = ms
  for (const [unit, unitMs] of [...units, ['ms', 1] as const]) {
    const whole = Math.floor(rest / unitMs)
    if (whole > 0) parts.push(`${whole} ${unit}`)
    rest -= whole * unitMs
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}
