const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const units = [
  ['d', day],
  ['h', hour],
  ['min', minute],
  ['s', second],
] as const

/** "1 h 20 min", "5 s", "340 ms": at most two units, and no more precise than they allow. */
export const durationText = (ms: number): string => {
  if (ms < second) return `${Math.round(ms)} ms`
  if (ms < 10 * second) return `${Number((ms / second).toFixed(1))} s`
  const first = units.findIndex(([, unitMs]) => ms >= unitMs)
  const [unit, unitMs] = units[first] ?? ['s', second]
  const [below, belowMs] = units[first + 1] ?? ['', unitMs]
  const rounded = Math.round(ms / belowMs) * belowMs
  // 59.6 s are a minute, not 60 s.
  if (rounded >= (units[first - 1]?.[1] ?? Infinity)) return durationText(rounded)
  const whole = Math.floor(rounded / unitMs)
  const rest = Math.round((rounded - whole * unitMs) / belowMs)
  return rest === 0 || below === '' ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${below}`
}

/** What `durationText` writes, and people too: "1h 30min", "90", "2 d". Null: no duration. Without a unit it is `bare`. */
export const readDuration = (text: string, bare: 'ms' | 's' = 's'): number | null => {
  const clean = text.trim().toLowerCase()
  if (/^\d+([.,]\d+)?$/.test(clean)) return Math.round(Number(clean.replace(',', '.')) * (bare === 's' ? second : 1))
  if (!/^(\d+([.,]\d+)?\s*(ms|s|sec|m|min|h|d)\s*)+$/.test(clean)) return null
  let total = 0
  for (const [, amount = '', unit = ''] of clean.matchAll(/(\d+(?:[.,]\d+)?)\s*(ms|s(?:ec)?|m(?:in)?|h|d)/g))
    total += Number(amount.replace(',', '.')) * (unitOf[unit] ?? 0)
  return Math.round(total)
}

const unitOf: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  sec: second,
  m: minute,
  min: minute,
  h: hour,
  d: day,
}

/** The same without rounding, for a field that is sent back: "12 s 345 ms". */
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
