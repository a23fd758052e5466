import type { Fault } from '../src/domain/failure.ts'
import { allSettings } from './settings.ts'

const known = new Set(allSettings.map(({ name }) => name))

/** The faults of misspelt settings, which would have no effect otherwise. Tests own the names that begin with `DOORBELL_TEST_`. */
export const unknownSettings = (environment: Readonly<Record<string, string | undefined>>): Fault[] =>
  Object.keys(environment)
    .filter(name => name.startsWith('DOORBELL_') && !name.startsWith('DOORBELL_TEST_') && !known.has(name))
    .map(name => ({
      pointer: name,
      detail: `is not a setting of Doorbell. Nearest: ${nearest(name)}. Remove or correct it`,
    }))

const nearest = (name: string): string =>
  [...known].toSorted((a, b) => common(b, name) - common(a, name) || a.length - b.length)[0] ?? ''

/** How many pairs of neighbouring letters of `a` are also in `b`. */
const common = (a: string, b: string): number =>
  Array.from({ length: a.length - 1 }, (_, index) => a.slice(index, index + 2)).filter(pair => b.includes(pair)).length
