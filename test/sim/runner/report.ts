import { knownFaults } from '../invariants/known-faults.ts'
import type { Fault } from '../world/plan.ts'
import type { Verdict } from './verdict.ts'

/** A fault in a line, with its moment. */
export const describeFault = (fault: Fault | undefined): string => {
  if (fault === undefined) return 'none'
  const { at, forMs, type, ...rest } = fault
  const what = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
  return [`at ${(at / 1_000).toFixed(1)} s: ${type}`, ...what, ...(forMs > 0 ? [`for ${forMs / 1_000} s`] : [])].join(
    ', ',
  )
}

/** What many runs showed, in a few lines. */
export const summaryOf = (verdicts: readonly Verdict[], tookMs: number): string => {
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, each) => total + of(each), 0)
  const failed = verdicts.filter(({ broken }) => broken.length > 0)
  const hours = sum(({ virtualMs }) => virtualMs) / 3_600_000
  const known = knownFaults.map(({ name }) => {
    const seeds = verdicts.filter(each => each.known.some(violation => violation.known === name)).length
    return `  known and not fixed: ${name}, in ${seeds} seeds`
  })
  const posts = sum(({ counts }) => counts['posts'] ?? 0)
  const perMinute = Math.round((verdicts.length * 60_000) / tookMs)
  return [
    `\n${verdicts.length} seeds, ${failed.length} failed; ${hours.toFixed(1)} virtual hours, ${posts} attempts, ${perMinute} seeds a minute`,
    ...known,
    ...failed.map(
      ({ seed, broken }) => `  failed: ${seed} (${[...new Set(broken.map(({ invariant }) => invariant))].join(', ')})`,
    ),
  ].join('\n')
}
