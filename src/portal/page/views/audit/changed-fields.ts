import type { AuditEntry } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { absoluteTime } from '../../format/time.ts'

/** A field that a change has set, changed or removed. */
export interface ChangedField {
  /** The path of the field: `retry.firstDelayMs`. */
  readonly name: string
  /** Null if it was not set. */
  readonly before: string | null
  /** Null if it is not set any more. */
  readonly after: string | null
}

/** The differences between the two states of an entry. Objects are compared field by field, lists as a whole. */
export const changedFields = ({
  before = {},
  after = {},
}: Pick<AuditEntry, 'before' | 'after'>): readonly ChangedField[] => {
  const [old, young] = [flat(before), flat(after)]
  const names = [...new Set([...old.keys(), ...young.keys()])]
  return names
    .map(name => ({ name, before: textOf(name, old.get(name)), after: textOf(name, young.get(name)) }))
    .filter(one => one.before !== one.after)
}

const flat = (value: object, path = ''): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(value).flatMap(([name, inner]: [string, unknown]): (readonly [string, unknown])[] =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? [...flat(inner, `${path}${name}.`)]
        : [[`${path}${name}`, inner]],
    ),
  )

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/

const textOf = (name: string, value: unknown): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && name.endsWith('Ms')) return durationText(value)
  if (Array.isArray(value))
    return value.map(each => (name.endsWith('Ms') ? durationText(Number(each)) : String(each))).join(', ')
  if (typeof value === 'string' && moment.test(value)) return absoluteTime(Date.parse(value))
  return typeof value === 'string' ? value : JSON.stringify(value)
}
