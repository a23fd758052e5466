import { equivalents } from './equivalents.ts'
import { type Mutant, mutantsOf } from './plant.ts'
import { readProjectFile } from './workplace.ts'

/** A fault in a file, with what a reader needs to see of it. */
export interface Candidate extends Mutant {
  readonly file: string
  readonly line: number
  /** The lines it touches, before and after. */
  readonly before: string
  readonly after: string
  readonly isEquivalent: boolean
}

export interface Choice {
  readonly seed: number
  readonly line: number | null
}

/** The same numbers for the same seed, evenly between 0 and 1 (mulberry32). */
const createRandom = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const shuffled = <T>(items: readonly T[], seed: number): readonly T[] => {
  const random = createRandom(seed)
  return items
    .map(item => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const candidatesOf = (file: string, source: string): readonly Candidate[] =>
  mutantsOf(source).map(mutant => {
    const from = source.lastIndexOf('\n', mutant.start - 1) + 1
    const to = source.indexOf('\n', mutant.end)
    const before = source.slice(from, to < 0 ? source.length : to)
    const after = before.slice(0, mutant.start - from) + mutant.text + before.slice(mutant.end - from)
    const text = before.split('\n', 1)[0]?.trim()
    return {
      ...mutant,
      file,
      line: source.slice(0, mutant.start).split('\n').length,
      before: before.trim(),
      after: after.trim(),
      isEquivalent: equivalents.some(each => each.file === file && each.line === text && each.kind === mutant.kind),
    }
  })

/** Where the fault is, and its lines before and after. */
export const describe = ({ file, line, kind, before, after }: Candidate): string =>
  `${file}:${line}  ${kind}\n    - ${before}\n    + ${after}`

/** All faults that can be planted in a folder or a file, in an order that depends on the seed and the sources alone. */
export const candidatesIn = (
  root: string,
  folder: string,
  projectFiles: readonly string[],
  { seed, line }: Choice,
): readonly Candidate[] => {
  const isSource = (file: string) => file.endsWith('.ts') && !/\.(test|fixtures|d)\.ts$/.test(file)
  const all = projectFiles
    .filter(file => (file === folder || file.startsWith(`${folder}/`)) && isSource(file))
    .flatMap(file => candidatesOf(file, readProjectFile(root, file)))
  return shuffled(
    all.filter(candidate => line === null || candidate.line === line),
    seed,
  )
}
