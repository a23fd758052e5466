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
  [...known].toSorted((a, b) => similarity(b, name) - similarity(a, name))[0] ?? ''

/** The share of the pairs of neighbouring letters of `a` that `b` also has (about the Dice coefficient). */
const similarity = (a: string, b: string): number =>
  [...a.matchAll(/(?=(..))/g)].filter(([, pair = '']) => b.includes(pair)).length / (a.length + b.length)
