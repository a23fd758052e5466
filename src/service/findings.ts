import type { Log } from '../../observability/log.ts'
import type { Difference } from '../domain/requirement.ts'

/** One line of the log about what was found in another system. */
export interface FindingLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
}

/** Returns a line for each difference that is new, and for each broken one that is gone. The same findings again are no news, except that each repair is. */
export const newsOf = (before: readonly Difference[], now: readonly Difference[]): FindingLine[] => {
  const known = new Set(before.map(keyOf))
  const found = now.filter(each => each.outcome === 'restored' || !known.has(keyOf(each))).map(lineOf)
  const broken = new Set(brokenOf(now).map(({ object }) => object))
  const fixed = new Map(brokenOf(before).map(({ system, object }) => [object, { system, object }]))
  const again = [...fixed.values()].filter(({ object }) => !broken.has(object))
  return [...found, ...again.map(fields => ({ level: 'info', text: 'the promise holds again', fields }) as const)]
}

/** Logs what is new. */
export const logNews = (
  log: Pick<Log, 'info' | 'warn' | 'error'>,
  before: readonly Difference[],
  now: readonly Difference[],
): void => {
  for (const { level, text, fields } of newsOf(before, now)) log[level](fields, text)
}

export const brokenOf = (found: readonly Difference[]): Difference[] =>
  found.filter(({ outcome }) => outcome === 'broken')

const keyOf = ({ system, object, difference, outcome, promise, remedy }: Difference): string =>
  JSON.stringify([system, object, difference, outcome, promise, remedy])

const lineOf = ({ system, object, difference, outcome, promise, remedy }: Difference): FindingLine => {
  const what = { system, object, difference }
  switch (outcome) {
    case 'restored':
      return { level: 'warn', text: 'something that Doorbell needs was restored', fields: { ...what, promise, remedy } }
    case 'kept':
      return { level: 'info', text: 'a change of what Doorbell created was kept', fields: what }
    case 'broken':
      return { level: 'error', text: 'a promise does not hold', fields: { ...what, promise, remedy } }
  }
}
