import { type Candidate, describe } from './candidates.ts'
import type { Compiler } from './compiler.ts'
import { planted } from './plant.ts'
import type { Workplace } from './workplace.ts'
import { readProjectFile } from './workplace.ts'

/** What came of the faults of a folder. Those that the compiler refused were not planted. */
export interface Score {
  readonly planted: number
  readonly noticed: number
  readonly refused: number
}

/** Plants one fault at a time, runs the tests that reach its file, and lists those that none noticed. */
export const createTrial = (
  place: Workplace,
  compiler: Compiler,
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

  const outcomeOf = async (file: string, tests: readonly string[]) => {
    if (!compiler.accepts(file)) return 'refused'
    if (await isNoticed(tests)) return 'noticed'
    // What a file exports may have another type now, which its users do not take.
    return compiler.acceptsAll(file) ? 'survived' : 'refused'
  }

  /** Plants the faults in turn until so many compiled. */
  return async (candidates: readonly Candidate[], count: number): Promise<Score> => {
    const score = { planted: 0, noticed: 0, refused: 0 }
    for (const candidate of candidates) {
      if (score.planted === count) break
      if (candidate.isEquivalent) continue
      const { file } = candidate
      const tests = relatedTests(file)
      for (const test of tests) await learn(test)
      const source = readProjectFile(place.root, file)
      place.write(file, planted(source, candidate))
      const outcome = await outcomeOf(file, tests)
      place.write(file, source)
      if (outcome === 'refused') score.refused += 1
      else score.planted += 1
      if (outcome === 'noticed') score.noticed += 1
      if (outcome === 'survived') say(`SURVIVED ${describe(candidate)}`)
    }
    return score
  }
}
