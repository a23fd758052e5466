import { visit } from 'jsonc-parser'
import type { Fault } from '../domain/failure.ts'
import { parseWithSource } from '../domain/raw-number.ts'
import { isNestedDeeper } from './nesting.ts'

/** Far deeper than any body that is accepted. What is nested deeper is left for the checks to refuse, since the work here is recursive. */
const maxNesting = 100

/**
 * Finds numbers that JavaScript would write in another way: −0, those with an exponent, a zero at the end of the fraction, 16 digits or more, or a
 * fraction below 10⁻⁶. It may also match within a text, which costs time and changes nothing.
 */
const atRisk = /[:,[]\s*(?:-0(?=\s*[,\]}])|-?(?:\d+(?:\.\d+)?[Ee][+-]?\d|\d+\.\d*0(?=\s*[,\]}])|\d[\d.]{15,}|0\.0{6}))/

/** The objects of a parsed text as they were written. */
const writtenOf = new WeakMap<object, object>()

/**
 * Parses JSON (RFC 8259). Numbers are JavaScript's, for checks; `asWritten` has the same value with each number as it stood in the text.
 * Throws SyntaxError.
 */
export const parseExactly = (text: string): unknown => {
  const value: unknown = JSON.parse(text)
  if (atRisk.test(text) && !isNestedDeeper(value, maxNesting)) pair(value, parseWithSource(text))
  return value
}

/** What `JSON.stringify` writes as its publisher did: 1.50 stays 1.50, and 9007199254740993 is no other number. */
export const asWritten = <T extends object>(value: T): T => (writtenOf.get(value) as T | undefined) ?? value

/** Remembers the written form of each object and list within a value. */
const pair = (plain: unknown, written: unknown): void => {
  if (typeof plain !== 'object' || plain === null) return
  writtenOf.set(plain, written as object)
  for (const key of Object.keys(plain)) pair((plain as Json)[key], (written as Json)[key])
}

type Json = Readonly<Record<string, unknown>>

/**
 * Finds names that an object of the text has twice (RFC 8259 §4): one of the two values would be lost. The count of names is compared first,
 * which is quick; a colon behind a quotation mark within a text only makes it slower.
 */
export const duplicateNames = (text: string, parsed: unknown): readonly Fault[] => {
  if (isNestedDeeper(parsed, maxNesting)) return []
  const written = text.match(/"\s*:/g)?.length ?? 0
  return written === namesIn(parsed) ? [] : findDuplicates(text)
}

const namesIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value)
  return inner.reduce<number>((sum, each) => sum + namesIn(each), Array.isArray(value) ? 0 : inner.length)
}

const findDuplicates = (text: string): readonly Fault[] => {
  const faults: Fault[] = []
  const open: Set<string>[] = []
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, _offset, _length, _line, _character, path) => {
      const names = open.at(-1)
      if (names?.has(name))
        faults.push({ pointer: pointerOf([...path(), name]), detail: 'stands here twice: send it once' })
      names?.add(name)
    },
  })
  return faults
}

/** RFC 6901. */
const pointerOf = (path: readonly (string | number)[]): string =>
  path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
