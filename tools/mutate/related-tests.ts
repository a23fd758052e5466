import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** What a module of the project imports, as paths from the root. */
const importsOf = (root: string, file: string): readonly string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)].map(match =>
    relative(root, join(root, dirname(file), match[1] ?? '')),
  )

/** Answers with the ten tests that reach a file by their imports and are nearest to it, the nearest first. */
export const createRelatedTests = (root: string, tests: readonly string[]) => {
  const imports = new Map<string, readonly string[]>()
  const of = (file: string) => {
    const known = imports.get(file) ?? (existsSync(join(root, file)) ? importsOf(root, file) : [])
    imports.set(file, known)
    return known
  }
  const distances = (test: string): ReadonlyMap<string, number> => {
    const found = new Map([[test, 0]])
    // A map may grow while it is walked, which makes this a breadth-first search.
    for (const [file, distance] of found)
      for (const next of of(file)) if (!found.has(next)) found.set(next, distance + 1)
    return found
  }
  const reach = new Map(tests.map(test => [test, distances(test)]))
  return (file: string): readonly string[] => {
    /** A test beside the file is about it, whatever else is imported. */
    const rank = (test: string) => (reach.get(test)?.get(file) ?? Infinity) + (dirname(test) === dirname(file) ? 0 : 1)
    return tests
      .filter(test => reach.get(test)?.has(file))
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, 10)
  }
}
