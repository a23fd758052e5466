import { aggregate } from 'mingo'
import { withNow } from './filter.ts'
import { at, compare, type Doc, isSame, stored } from './values.ts'

export type Update = Doc | readonly Doc[]

/** Returns the document after the update; the same object when nothing changed. */
export const applyUpdate = (document: Doc, update: Update, now: number, isInsert = false): Doc => {
  const next = Array.isArray(update)
    ? (aggregate([document], withNow(update, new Date(now)) as never[])[0] as Doc)
    : byOperators(document, update as Doc, isInsert)
  const frozen = stored(next)
  return isSame(frozen, document) ? document : frozen
}

/** The document that an upsert inserts: the fields that its filter sets equal, and the update. */
export const upserted = (filter: Doc, update: Update, now: number): Doc => {
  const equal = Object.entries(filter).filter(([field, value]) => !field.startsWith('$') && !isOperators(value))
  return applyUpdate(stored(Object.fromEntries(equal)), update, now, true)
}

const isOperators = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).some(key => key.startsWith('$'))

const byOperators = (document: Doc, update: Doc, isInsert: boolean): Doc => {
  let next: Doc = { ...document }
  for (const [operator, fields] of Object.entries(update)) {
    if (operator === '$setOnInsert' && !isInsert) continue
    const change = operators[operator]
    if (change === undefined) throw new Error(`the model of MongoDB does not know the operator ${operator}`)
    // The server changes the fields of an update in the order of their names.
    for (const [path, operand] of Object.entries(fields as Doc).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      next = put(next, path.split('.'), change(at(next, path), operand))
  }
  return next
}

const operators: Readonly<Record<string, (before: unknown, operand: unknown) => unknown>> = {
  $set: (_, value) => value,
  $setOnInsert: (_, value) => value,
  $unset: () => undefined,
  $inc: (before, by) => ((before as number | undefined) ?? 0) + (by as number),
  $max: (before, value) => (before === undefined || compare(value, before) > 0 ? value : before),
  $min: (before, value) => (before === undefined || compare(value, before) < 0 ? value : before),
}

const put = (document: Doc, [key = '', ...rest]: readonly string[], value: unknown): Doc => {
  if (rest.length > 0) return { ...document, [key]: put((document[key] ?? {}) as Doc, rest, value) }
  if (value !== undefined) return { ...document, [key]: value }
  const { [key]: _, ...others } = document
  return others
}
