import type { AuditEntry } from '../../domain/audit.ts'
import type { AuditSpec } from './operation.ts'
import { compilePick } from './pick.ts'

/** Compiles what an audit entry shows of a change: the declared fields that differ, each in its form. */
export const compileDifference = ({ fields, forms = {} }: AuditSpec) => {
  const pick = compilePick(fields)
  return (before: object, after: object): Pick<AuditEntry, 'before' | 'after'> => {
    const [old, now] = [pick(before), pick(after)] as [Fields, Fields]
    const names = Object.keys(fields.properties).filter(name => JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    const shown = (values: Fields) =>
      Object.fromEntries(
        names
          .filter(name => values[name] !== undefined)
          .map(name => [name, forms[name]?.(values[name]) ?? values[name]]),
      )
    return { before: shown(old), after: shown(now) }
  }
}

type Fields = Readonly<Record<string, unknown>>
