import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '../../domain/failure.ts'
import { endpointUrl } from '../../domain/endpoint-url.ts'
import { matchesType, type Subscription } from '../../domain/subscription.ts'
import type { SubscriptionSettings } from '../../domain/subscription-settings.ts'
import { pointerStep } from '../../intake/validation.ts'

type Other = Pick<Subscription, 'id' | 'url' | 'eventTypes' | 'filter'>

/**
 * What is allowed, and most likely not meant: a second subscription that sends the same events to the same url, and headers that a common server
 * drops. The texts name ids and header names only.
 */
export const warningsOf = (
  settings: SubscriptionSettings,
  others: readonly Other[],
  types: readonly string[],
): readonly Fault[] => [...duplicates(settings, others, types), ...underscores(settings)]

/** Returns the field `warnings` of an answer, or nothing where there are none. `id`: the subscription itself, which is no other one. */
export const createWarnings =
  (types: readonly string[]) =>
  (settings: SubscriptionSettings, id: string, all: readonly Other[]): { warnings?: Fault[] } => {
    const others = all.filter(other => other.id !== id)
    const warnings = warningsOf(settings, others, types)
    return warnings.length === 0 ? {} : { warnings: [...warnings] }
  }

const duplicates = (settings: SubscriptionSettings, others: readonly Other[], types: readonly string[]): Fault[] =>
  others.flatMap(other => {
    const both = types.filter(type => receives(settings, type) && receives(other, type))
    const [first] = both
    if (first === undefined || !isSameUrl(settings.url, other.url) || !mayMatchBoth(settings.filter, other.filter))
      return []
    const what = both.length === 1 ? first : `${first} and ${both.length - 1} more`
    return [
      {
        pointer: '/url',
        detail: `is the url of ${other.id} too, which also receives ${what}: such an event is sent twice. Delete one of them if that is not wanted`,
      },
    ]
  })

const receives = ({ eventTypes }: Pick<Other, 'eventTypes'>, type: string): boolean =>
  eventTypes.some(pattern => matchesType(pattern, type))

/** Compares what a request would use: the case of the host, or a default port, makes no difference. */
const isSameUrl = (one: string, other: string): boolean => {
  const [a, b] = [endpointUrl(one), endpointUrl(other)]
  return a !== null && b !== null && a.origin === b.origin && a.path === b.path
}

/** Two filters on one field with other values are the way to split events. Anything else may match the same event. */
const mayMatchBoth = (one: Other['filter'] = {}, other: Other['filter'] = {}): boolean =>
  isDeepStrictEqual(one, other) ||
  Object.entries(one).every(
    ([field, values]) => other[field] === undefined || values.some(value => other[field]?.includes(value)),
  )

const underscores = ({ headers = {} }: SubscriptionSettings): Fault[] =>
  Object.keys(headers)
    .filter(name => name.includes('_'))
    .map(name => ({
      pointer: `/headers${pointerStep(name)}`,
      detail: 'has an underscore: nginx and others drop such headers by default. Use a hyphen if you can choose',
    }))
