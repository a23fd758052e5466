import type { Candidate } from './candidates.ts'
import { planted } from './plant.ts'
import type { Workplace } from './workplace.ts'
import { readProjectFile } from './workplace.ts'

export type Outcome = 'noticed' | 'survived' | 'refused' | 'equivalent'

/** Files whose compilation fails with the fault, one fault of each file at a time. */
const refusedOf = async (place: Workplace, candidates: readonly Candidate[]): Promise<ReadonlySet<Candidate>> => {
  const byFile = Map.groupBy(candidates, ({ file }) => file)
  const rounds = Math.max(0, ...[...byFile.values()].map(({ length }) => length))
  const refused = new Set<Candidate>()
  for (let round = 0; round < rounds; round += 1) {
    const planting = [...byFile.values()].flatMap(list => list[round] ?? [])
    const originals = planting.map(({ file }) => [file, readProjectFile(place.root, file)] as const)
    for (const [index, [file, source]] of originals.entries()) {
      const candidate = planting[index]
      if (candidate) place.write(file, planted(source, candidate))
    }
    const files = await place.refused()
    for (const candidate of planting) if (files.has(candidate.file)) refused.add(candidate)
    for (const [file, source] of originals) place.write(file, source)
  }
  return refused
}

/** Plants each fault, runs the tests that reach its file, and says of each how it went. */
export const createTrial = (
  place: Workplace,
  relatedTests: (file: string) => readonly string[],
  say: (line: string) => void,
) => {
  /** How long a test file takes when it is green, in ms. Those that are not green without a fault cannot notice one. */
  const greenMs = new Map<string, number | null>()
  const learn = async (test: string): Promise<number | null> => {
    const known = greenMs.get(test)
    if (known !== undefined) return known
    const from = performance.now()
    const verdict = await place.test([test], 180_000)
    const took = verdict === 'green' ? performance.now() - from : null
    if (took === null) say(`${test} is not green without a fault (${verdict}): it is left out`)
    greenMs.set(test, took)
    return took
  }

  const isNoticed = async (tests: readonly string[]): Promise<boolean> => {
    const usable: { test: string; ms: number }[] = []
    for (const test of tests) {
      const ms = await learn(test)
      if (ms !== null) usable.push({ test, ms })
    }
    const [first, ...others] = usable
    for (const stage of [first ? [first] : [], others]) {
      if (stage.length === 0) continue
      const limitMs = 20_000 + 4 * stage.reduce((sum, { ms }) => sum + ms, 0)
      if (
        (await place.test(
          stage.map(({ test }) => test),
          limitMs,
        )) !== 'green'
      )
        return true
    }
    return false
  }

  return async (candidates: readonly Candidate[]): Promise<readonly Outcome[]> => {
    for (const test of new Set(candidates.flatMap(({ file }) => relatedTests(file)))) await learn(test)
    const refused = await refusedOf(
      place,
      candidates.filter(({ isEquivalent }) => !isEquivalent),
    )
    const outcomes: Outcome[] = []
    for (const candidate of candidates) {
      if (candidate.isEquivalent) outcomes.push('equivalent')
      else if (refused.has(candidate)) outcomes.push('refused')
      else {
        const source = readProjectFile(place.root, candidate.file)
        place.write(candidate.file, planted(source, candidate))
        const noticed = await isNoticed(relatedTests(candidate.file))
        place.write(candidate.file, source)
        outcomes.push(noticed ? 'noticed' : 'survived')
        const { file, line, kind, before, after } = candidate
        if (!noticed) say(`SURVIVED ${file}:${line}  ${kind}\n    - ${before}\n    + ${after}`)
      }
    }
    return outcomes
  }
}
