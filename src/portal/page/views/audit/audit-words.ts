import type { AuditEntry } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { absoluteTime } from '../../parts/when.ts'

/** Every change that the API knows, as a person would say it. */
export const actionWords: Readonly<Record<string, string>> = {
  createSubscription: 'created a subscription',
  changeSubscription: 'changed a subscription',
  deleteSubscription: 'deleted a subscription',
  pauseSubscription: 'paused a subscription',
  resumeSubscription: 'resumed a subscription',
  disableSubscription: 'disabled a subscription',
  testSubscription: 'sent a test event',
  verifySubscription: 'verified an endpoint',
  rotateSecret: 'rotated a secret',
  resendDelivery: 'sent a delivery again',
  cancelDelivery: 'cancelled a delivery',
  startReplay: 'started a replay',
  cancelReplay: 'cancelled a replay',
  createToken: 'made a token',
  revokeToken: 'revoked a token',
  eraseVisitor: 'erased a visitor',
  putRetention: 'set how long data is kept',
  putTenant: 'named a tenant',
  rotateKeys: 'rotated the signing keys',
}

export const actionText = ({ action, resource }: Pick<AuditEntry, 'action' | 'resource'>): string => {
  // A dry run makes no replay, so it has no id.
  if (action === 'startReplay' && resource.id === '') return 'counted what a replay would send'
  return actionWords[action] ?? action
}

/** "The operator", "Token tok_1", "Doorbell itself". */
export const actorText = ({ kind, id }: AuditEntry['actor']): string => {
  if (kind === 'operator') return 'The operator'
  if (kind === 'system') return 'Doorbell itself'
  return `${kind === 'token' ? 'Token' : 'User'} ${id}`
}

/** Where a thing that was changed has its page; null where it has none. */
export const pathOf = ({ kind, id }: AuditEntry['resource']): string | null => {
  if (id === '') return null
  const paths: Readonly<Record<string, string>> = {
    subscription: '/subscriptions',
    delivery: '/deliveries',
    replay: '/replays',
  }
  const path = paths[kind]
  return path === undefined ? null : `${path}/${encodeURIComponent(id)}`
}

export interface Changed {
  /** `retry.firstDelayMs`. */
  readonly name: string
  /** Null: was not set, or is not any more. */
  readonly before: string | null
  readonly after: string | null
}

/** What differs, field by field; of a list the whole, of an object what is in it. */
export const changedFields = ({
  before = {},
  after = {},
}: Pick<AuditEntry, 'before' | 'after'>): readonly Changed[] => {
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
