import type { Subscription } from '../../../api/shapes.ts'
import { exactDuration, readDuration } from '../../../format/duration.ts'

/** What a person has typed: text, until it is sent. */
export interface SettingsDraft {
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly string[]
  readonly filter: readonly FilterRow[]
  readonly retryKind: 'recommended' | 'growth' | 'list'
  readonly maxAttempts: string
  readonly firstDelay: string
  readonly factor: string
  readonly maxDelay: string
  readonly giveUpAfter: string
  readonly delays: string
  readonly timeout: string
  readonly ratePerSecond: string
  readonly maxInFlight: string
  readonly ordering: 'none' | 'visit'
  readonly expiresAfter: string
  readonly payload: 'full' | 'thin'
  readonly headers: readonly HeaderRow[]
  readonly authKind: 'none' | 'bearer' | 'basic'
  readonly authToken: string
  readonly authUsername: string
  readonly authPassword: string
  readonly propagateTrace: boolean
  readonly requireVerification: boolean
}
export interface FilterRow {
  readonly field: string
  /** Separated by commas. */
  readonly values: string
}
export interface HeaderRow {
  readonly name: string
  readonly value: string
}

/** Settings as the API takes them; what a person left open is absent. */
export type Settings = Partial<
  Pick<
    Subscription,
    | 'url'
    | 'description'
    | 'eventTypes'
    | 'filter'
    | 'retry'
    | 'timeoutMs'
    | 'ratePerSecond'
    | 'maxInFlight'
    | 'ordering'
    | 'expiresAfterMs'
    | 'payload'
    | 'headers'
    | 'auth'
    | 'propagateTrace'
    | 'requireVerification'
  >
>
type SettingName = keyof Settings

/** What the API shows in place of a secret, and takes for "leave it as it is". */
export const mask = '***'

/** The policy of a subscription that names none (`defaultRetry` of the domain; a test holds them together). */
export const recommendedDelaysMs: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 72_000_000,
]

const empty: SettingsDraft = {
  url: '',
  description: '',
  eventTypes: [],
  filter: [],
  retryKind: 'recommended',
  maxAttempts: '8',
  firstDelay: '10 s',
  factor: '3',
  maxDelay: '6 h',
  giveUpAfter: '2 d',
  delays: '10 s, 1 min, 10 min, 1 h, 6 h',
  timeout: '10 s',
  ratePerSecond: '',
  maxInFlight: '64',
  ordering: 'none',
  expiresAfter: '',
  payload: 'full',
  headers: [],
  authKind: 'none',
  authToken: '',
  authUsername: '',
  authPassword: '',
  propagateTrace: false,
  requireVerification: false,
}

/** The draft of a subscription that is to be changed; without one, of a new one. */
export const draftOf = (settings: Settings | null): SettingsDraft =>
  settings === null
    ? empty
    : {
        ...empty,
        ...retryDraft(settings.retry),
        ...authDraft(settings.auth),
        url: settings.url ?? '',
        description: settings.description ?? '',
        eventTypes: settings.eventTypes ?? [],
        filter: Object.entries(settings.filter ?? {}).map(([field, values]) => ({
          field,
          values: values.map(writeFilterValue).join(', '),
        })),
        timeout: exactDuration(settings.timeoutMs ?? 10_000),
        ratePerSecond: settings.ratePerSecond === undefined ? '' : String(settings.ratePerSecond),
        maxInFlight: String(settings.maxInFlight ?? 64),
        ordering: settings.ordering ?? 'none',
        expiresAfter: settings.expiresAfterMs === undefined ? '' : exactDuration(settings.expiresAfterMs),
        payload: settings.payload ?? 'full',
        headers: Object.entries(settings.headers ?? {}).map(([name, value]) => ({ name, value })),
        propagateTrace: settings.propagateTrace ?? false,
        requireVerification: settings.requireVerification ?? false,
      }

const retryDraft = (retry: Settings['retry']): Partial<SettingsDraft> => {
  if (retry === undefined || isRecommended(retry)) return { retryKind: 'recommended' }
  if ('delaysMs' in retry) return { retryKind: 'list', delays: retry.delaysMs.map(exactDuration).join(', ') }
  return {
    retryKind: 'growth',
    maxAttempts: String(retry.maxAttempts),
    firstDelay: exactDuration(retry.firstDelayMs),
    factor: String(retry.factor),
    maxDelay: exactDuration(retry.maxDelayMs),
    giveUpAfter: exactDuration(retry.giveUpAfterMs),
  }
}

export const isRecommended = (retry: NonNullable<Settings['retry']>): boolean =>
  'delaysMs' in retry && JSON.stringify(retry.delaysMs) === JSON.stringify(recommendedDelaysMs)

const authDraft = (auth: Settings['auth']): Partial<SettingsDraft> => {
  if (auth === undefined) return {}
  return auth.type === 'bearer'
    ? { authKind: 'bearer', authToken: auth.token }
    : { authKind: 'basic', authUsername: auth.username, authPassword: auth.password }
}

/** What the draft means, and what in it means nothing, by JSON Pointer as the API would say it. */
export const readDraft = (draft: SettingsDraft): { settings: Settings; faults: ReadonlyMap<string, string> } => {
  const faults = new Map<string, string>()
  const duration = (pointer: string, text: string): number => {
    const ms = readDuration(text)
    if (ms === null) faults.set(pointer, 'Write a time such as 30 s, 5 min or 2 h.')
    return ms ?? 0
  }
  const number = (pointer: string, text: string): number => {
    const value = Number(text.replace(',', '.'))
    if (text.trim() === '' || !Number.isFinite(value)) faults.set(pointer, 'Write a number.')
    return value
  }
  if (draft.url.trim() === '') faults.set('/url', 'Enter the address of your endpoint.')
  if (draft.eventTypes.length === 0) faults.set('/eventTypes', 'Choose at least one.')
  const retry = (): Settings['retry'] => {
    if (draft.retryKind === 'recommended') return { delaysMs: [...recommendedDelaysMs] }
    if (draft.retryKind === 'list') {
      const texts = draft.delays.split(/[,;\n]/).filter(text => text.trim() !== '')
      return { delaysMs: texts.map(text => duration('/retry/delaysMs', text)) }
    }
    return {
      maxAttempts: number('/retry/maxAttempts', draft.maxAttempts),
      firstDelayMs: duration('/retry/firstDelayMs', draft.firstDelay),
      factor: number('/retry/factor', draft.factor),
      maxDelayMs: duration('/retry/maxDelayMs', draft.maxDelay),
      giveUpAfterMs: duration('/retry/giveUpAfterMs', draft.giveUpAfter),
    }
  }
  const filter = draft.filter.filter(({ field, values }) => field.trim() !== '' || values.trim() !== '')
  const headers = draft.headers.filter(({ name, value }) => name.trim() !== '' || value !== '')
  const wantedRetry = retry()
  const auth = authOf(draft)
  const settings: Settings = {
    url: draft.url.trim(),
    ...(draft.description.trim() === '' ? {} : { description: draft.description.trim() }),
    eventTypes: [...draft.eventTypes],
    ...(filter.length === 0
      ? {}
      : { filter: Object.fromEntries(filter.map(({ field, values }) => [field.trim(), readFilterValues(values)])) }),
    ...(wantedRetry === undefined ? {} : { retry: wantedRetry }),
    timeoutMs: duration('/timeoutMs', draft.timeout),
    ...(draft.ratePerSecond.trim() === '' ? {} : { ratePerSecond: number('/ratePerSecond', draft.ratePerSecond) }),
    maxInFlight: number('/maxInFlight', draft.maxInFlight),
    ordering: draft.ordering,
    ...(draft.expiresAfter.trim() === '' ? {} : { expiresAfterMs: duration('/expiresAfterMs', draft.expiresAfter) }),
    payload: draft.payload,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map(({ name, value }) => [name.trim().toLowerCase(), value])) }),
    ...(auth === undefined ? {} : { auth }),
    propagateTrace: draft.propagateTrace,
    ...(draft.requireVerification ? { requireVerification: true } : {}),
  }
  return { settings, faults }
}

const authOf = ({ authKind, authToken, authUsername, authPassword }: SettingsDraft): Settings['auth'] => {
  if (authKind === 'none') return undefined
  return authKind === 'bearer'
    ? { type: 'bearer', token: authToken }
    : { type: 'basic', username: authUsername, password: authPassword }
}

type FilterValue = string | number | boolean

/** `brussels-hq, 12, true, "12"`: a number or a truth stands for itself; in quotes it is text. */
export const readFilterValues = (text: string): FilterValue[] =>
  [...text.matchAll(/\s*(?:"([^"]*)"|([^,]+))\s*(?:,|$)/g)]
    .map(([, quoted, plain = '']): FilterValue => {
      if (quoted !== undefined) return quoted
      const bare = plain.trim()
      if (bare === 'true' || bare === 'false') return bare === 'true'
      return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare
    })
    .filter(value => value !== '')

const writeFilterValue = (value: FilterValue): string => {
  const isPlain = typeof value !== 'string' || (readFilterValues(value)[0] === value && !value.includes('"'))
  return isPlain ? String(value) : `"${value}"`
}

/** What a subscription says of itself as settings, so that two can be compared. */
export const settingsOf = (subscription: Subscription): Settings => readDraft(draftOf(subscription)).settings

const names: Readonly<Record<SettingName, string>> = {
  url: 'address',
  description: 'description',
  eventTypes: 'events',
  filter: 'filter',
  retry: 'retries',
  timeoutMs: 'timeout',
  ratePerSecond: 'rate',
  maxInFlight: 'attempts at once',
  ordering: 'order',
  expiresAfterMs: 'expiry',
  payload: 'payload',
  headers: 'headers',
  auth: 'authorization',
  propagateTrace: 'trace context',
  requireVerification: 'verification',
}

/** Which settings differ; `nameOf` says them. */
export const changedIn = (before: Settings, after: Settings): readonly SettingName[] =>
  (Object.keys(names) as SettingName[]).filter(
    name => JSON.stringify(sorted(before[name])) !== JSON.stringify(sorted(after[name])),
  )

export const nameOf = (setting: SettingName): string => names[setting]

/** A JSON merge patch (RFC 7396) that makes `after` of `before`. */
export const patchOf = (before: Settings, after: Settings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    changedIn(before, after).map(name => {
      const value = after[name]
      if (value === undefined) return [name, null]
      return [name, name === 'filter' || name === 'headers' ? withRemoved(before[name] ?? {}, value as object) : value]
    }),
  )

/** Somebody else’s version with what was changed here on top of it. */
export const rebased = (base: Settings, mine: Settings, theirs: Settings): Settings => {
  const result: Record<string, unknown> = { ...theirs }
  for (const name of changedIn(base, mine))
    if (mine[name] === undefined) delete result[name]
    else result[name] = mine[name]
  return result
}

const withRemoved = (before: object, after: object) => ({
  ...Object.fromEntries(Object.keys(before).map(name => [name, null])),
  ...after,
})

/** The order of an object’s names says nothing. */
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value
