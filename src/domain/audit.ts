import type { Principal } from './principal.ts'
import type { EpochMs } from './time.ts'

/** One change that somebody asked for. It is written before the change is made, so that no change is without one. */
export interface AuditEntry {
  readonly id: string
  /** Null: of the service itself. */
  readonly tenant: string | null
  readonly at: EpochMs
  /** `system`: Doorbell itself, as when it disables a subscription that fails for days. */
  readonly actor: { readonly kind: Principal['kind'] | 'system'; readonly id: string }
  /** The operation's id in the reference, e.g. `changeSubscription`. */
  readonly action: string
  readonly resource: { readonly kind: string; readonly id: string }
  /** `begun`: whether it was made is not known, since the process ended in the middle. */
  readonly outcome: 'begun' | 'done' | 'failed'
  /** What was changed, and to what; without secrets. */
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly traceId: string | null
}

const hidden = /secret|token|password|authorization/i
const mask = '***'

/** The fields that differ, one level deep; what may be secret is masked, and of headers only the names are told. */
export const difference = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Pick<AuditEntry, 'before' | 'after'> => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const of = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(changed.filter(name => values[name] !== undefined).map(name => [name, told(name, values[name])]))
  return { before: of(before), after: of(after) }
}

const told = (name: string, value: unknown): unknown => {
  if (hidden.test(name)) return mask
  if (name === 'headers' && typeof value === 'object' && value !== null) return Object.keys(value)
  if (name === 'auth')
    return typeof value === 'object' && value !== null && 'type' in value ? { type: value.type } : mask
  if (name === 'url' && typeof value === 'string') return withoutQuery(value)
  return value
}

/** A query may hold a key. */
const withoutQuery = (text: string): string => {
  const url = URL.parse(text)
  return url === null ? mask : `${url.origin}${url.pathname}${url.search === '' ? '' : `?${mask}`}`
}
