import type { Difference } from '../../domain/requirement.ts'

/** One setting of a stream, a consumer or a bucket that is not as Doorbell needs it. */
export interface Deviation<Config> {
  readonly difference: string
  /** What makes it as needed. */
  readonly change: Partial<Config>
  readonly promise: string
  readonly refusesEvents: boolean
}

/** How one setting has to be, and what depends on it. */
export interface Rule<Config> {
  readonly setting: keyof Config & string
  /** Default: the same value as wanted. */
  readonly isFine?: (found: unknown, wanted: unknown) => boolean
  readonly promise: string
  readonly refusesEvents?: true
}

/** True where the server left the setting out, or has its zero value. */
export const isUnset = (found: unknown): boolean =>
  found === undefined || found === null || found === false || found === 0 || found === '' || isEmpty(found)

const isEmpty = (found: unknown): boolean => typeof found === 'object' && Object.keys(found ?? {}).length === 0

/** True for a limit that does not limit. */
export const isUnlimited = (found: unknown): boolean => isUnset(found) || found === -1

export const isAtLeast = (found: unknown, wanted: unknown): boolean => Number(found) >= Number(wanted)

const isSame = (found: unknown, wanted: unknown): boolean =>
  JSON.stringify(found) === JSON.stringify(wanted) || (isUnset(found) && isUnset(wanted))

/** Compares a configuration with the wanted one, by these rules. */
export const deviationsOf = <Config extends object>(
  rules: readonly Rule<Config>[],
  found: Config,
  wanted: Partial<Config>,
): Deviation<Config>[] =>
  rules.flatMap(({ setting, isFine = isSame, promise, refusesEvents }) => {
    const [is, shouldBe]: [unknown, unknown] = [found[setting], wanted[setting]]
    if (isFine(is, shouldBe)) return []
    return [
      {
        difference: `${setting} is ${textOf(setting, is)}, not ${textOf(setting, shouldBe)}`,
        change: { [setting]: shouldBe } as Partial<Config>,
        promise,
        refusesEvents: refusesEvents === true,
      },
    ]
  })

const durations: readonly string[] = ['max_age', 'duplicate_window', 'ack_wait', 'inactive_threshold', 'max_expires']

/** The server counts durations in nanoseconds. */
const textOf = (setting: string, value: unknown): string => {
  if (typeof value === 'string') return value
  if (isUnset(value)) return 'unset'
  return durations.includes(setting) && typeof value === 'number' ? `${value / 1e9} s` : JSON.stringify(value)
}

export const restored = (
  object: string,
  { difference, promise }: Pick<Deviation<never>, 'difference' | 'promise'>,
  remedy: string,
): Difference => ({ system: 'nats', object, difference, outcome: 'restored', promise, remedy, refusesEvents: false })

export const broken = (
  object: string,
  { difference, promise, refusesEvents }: Pick<Deviation<never>, 'difference' | 'promise' | 'refusesEvents'>,
  remedy: string,
): Difference => ({ system: 'nats', object, difference, outcome: 'broken', promise, remedy, refusesEvents })
