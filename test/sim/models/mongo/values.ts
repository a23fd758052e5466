/** A stored document. It is frozen: reads share it, and an update replaces it. */
export type Doc = { readonly [field: string]: unknown }

const isPlain = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Copies a value as the driver sends it (`ignoreUndefined`), and freezes the copy. */
export const stored = <T>(value: T): T => {
  if (Array.isArray(value)) return Object.freeze(value.map(each => (each === undefined ? null : stored(each)))) as T
  if (!isPlain(value)) return value
  const copy: Record<string, unknown> = {}
  for (const key in value) if (value[key] !== undefined) copy[key] = stored(value[key])
  return Object.freeze(copy) as T
}

/** The order of BSON's types (MongoDB's manual, "Comparison/Sort Order"), as far as the ledger stores them. */
const rankOf = (value: unknown): number => {
  if (value === undefined || value === null) return 1
  if (typeof value === 'number') return 2
  if (typeof value === 'string') return 3
  if (Array.isArray(value)) return 5
  if (value instanceof Date) return 8
  return typeof value === 'boolean' ? 7 : 4
}

/** Compares two values as a sort does; values of objects and arrays are taken as equal. */
export const compare = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1
  const [rankA, rankB] = [rankOf(a), rankOf(b)]
  if (rankA !== rankB) return rankA - rankB
  if (rankA === 1 || rankA === 4 || rankA === 5) return 0
  return Number(a) - Number(b)
}

/** True for documents of the same BSON: the order of fields counts. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]))
  if (!isPlain(a) || !isPlain(b)) return false
  const [keys, others] = [Object.keys(a), Object.keys(b)]
  return keys.length === others.length && keys.every((key, index) => others[index] === key && isSame(a[key], b[key]))
}

/** The value of a dotted path, without the steps into arrays that a query takes. */
export const at = (document: Doc, path: string): unknown => {
  if (!path.includes('.')) return document[path]
  let value: unknown = document
  for (const key of path.split('.')) value = (value as Doc | null | undefined)?.[key]
  return value
}
