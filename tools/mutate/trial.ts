import { type Candidate, describe } from './candidates.ts'
import { planted } from './plant.ts'
import type { Workplace } from './workplace.ts'
import { readProjectFile } from './workplace.ts'

/** What came of the faults of a folder. Those that the compiler refused were not planted. */
export interface Score {
  readonly planted: number
  readonly noticed: number
  readonly refused: number
}

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

/** Plants one fault at a time, runs the tests that reach its file, and lists those that none noticed. */
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
    const passes = async (stage: typeof usable) => {
      const limitMs = 20_000 + 4 * stage.reduce((sum, { ms }) => sum + ms, 0)
      const files = stage.map(({ test }) => test)
      return files.length === 0 || (await place.test(files, limitMs)) === 'green'
    }
    // Most faults are noticed by the nearest test, which alone is quick.
    return !((await passes(usable.slice(0, 1))) && (await passes(usable.slice(1))))
  }

  /** The first faults that the compiler accepts, and the number of those that it refuses. */
  const acceptedOf = async (candidates: readonly Candidate[], count: number) => {
    const accepted: Candidate[] = []
    let refused = 0
    for (let from = 0; from < candidates.length && accepted.length < count; from += count) {
      const next = candidates.slice(from, from + count)
      const bad = await refusedOf(place, next)
      accepted.push(...next.filter(candidate => !bad.has(candidate)))
      refused += bad.size
    }
    return { accepted: accepted.slice(0, count), refused }
  }

  /** Tries the first faults that compile. */
  return async (candidates: readonly Candidate[], count: number): Promise<Score> => {
    const { accepted, refused } = await acceptedOf(
      candidates.filter(({ isEquivalent }) => !isEquivalent),
      count,
    )
    for (const test of new Set(accepted.flatMap(({ file }) => relatedTests(file)))) await learn(test)
    let noticed = 0
    for (const candidate of accepted) {
      const source = readProjectFile(place.root, candidate.file)
      place.write(candidate.file, planted(source, candidate))
      if (await isNoticed(relatedTests(candidate.file))) noticed += 1
      else say(`SURVIVED ${describe(candidate)}`)
      place.write(candidate.file, source)
    }
    return { planted: accepted.length, noticed, refused }
  }
}
