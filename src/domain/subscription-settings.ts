import { type Static, type TSchema, Type } from 'typebox'
import { limits } from './limits.ts'
import { defaultRetry, retryCaps } from './retry.ts'

const closed = { additionalProperties: false } as const
const delayMs = (description: string) =>
  Type.Integer({ minimum: retryCaps.minDelayMs, maximum: retryCaps.maxDelayMs, description })

const retryByGrowth = Type.Object(
  {
    maxAttempts: Type.Integer({ minimum: 1, maximum: retryCaps.maxAttempts }),
    firstDelayMs: delayMs('Before the second attempt'),
    factor: Type.Number({ minimum: 1, maximum: 10 }),
    maxDelayMs: delayMs('No delay is longer'),
    giveUpAfterMs: Type.Integer({ minimum: 1_000, maximum: retryCaps.giveUpAfterMs }),
  },
  closed,
)
const retryByList = Type.Object(
  { delaysMs: Type.Array(delayMs('Before the next attempt'), { maxItems: retryCaps.maxAttempts - 1 }) },
  closed,
)
/** A growing delay, or a list of delays. */
export const retrySchema = Type.Union([retryByGrowth, retryByList])

const visible = '^[\\x21-\\x7e]*$'
const bearer = Type.Object(
  { type: Type.Literal('bearer'), token: Type.String({ minLength: 1, maxLength: 4_096, pattern: visible }) },
  closed,
)
const basic = Type.Object(
  {
    type: Type.Literal('basic'),
    username: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^:\\x00-\\x1f]*$' }),
    password: Type.String({ maxLength: 1_024, pattern: '^[^\\x00-\\x1f]*$' }),
  },
  closed,
)

/** Settings that every subscription names. */
const required = {
  url: Type.String({ minLength: 1, maxLength: limits.urlLength, description: 'Where events are posted to; https' }),
  eventTypes: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: 'Types of the catalogue, or a prefix with a final wildcard: `visit.checked_in`, `visit.*`, `*`',
  }),
}

/** Settings that have a default. */
const withDefault = {
  retry: Type.Union(retrySchema.anyOf, {
    default: defaultRetry,
    description: 'When a failed attempt is repeated: a growing delay, or a list of delays',
  }),
  timeoutMs: Type.Integer({
    minimum: 1_000,
    maximum: 30_000,
    default: 10_000,
    description: 'Of a whole attempt, from connecting to the last byte',
  }),
  maxInFlight: Type.Integer({ minimum: 1, maximum: 500, default: 64, description: 'Most attempts at the same time' }),
  ordering: Type.Enum(['none', 'visit'], {
    default: 'none',
    description: 'visit: a later event of a visit waits until the earlier one is delivered, dead or cancelled',
  }),
  payload: Type.Enum(['full', 'thin'], { default: 'full', description: 'thin: without `data`' }),
  propagateTrace: Type.Boolean({ default: false, description: 'true: the receiver gets `traceparent`' }),
}

/** Settings that may stay open. */
const optional = {
  description: Type.String({ maxLength: 500 }),
  filter: Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$' }),
    Type.Array(Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]), {
      minItems: 1,
      maxItems: 100,
    }),
    {
      ...closed,
      maxProperties: 10,
      description:
        'Top-level fields of `data`, e.g. `site`, and the values that each may have. All must match. `host` and `visitor` are compared by their id',
    },
  ),
  headers: Type.Record(
    Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$" }),
    Type.String({ maxLength: limits.headerValueLength, pattern: '^[\\t\\x20-\\x7e]*$' }),
    {
      ...closed,
      maxProperties: limits.headerCount,
      description: 'Sent with each request. Values are stored encrypted and shown masked',
    },
  ),
  auth: Type.Union([bearer, basic], {
    description: 'Sent as Authorization with each request. Stored encrypted and shown masked',
  }),
  requireVerification: Type.Boolean({
    description: 'true: events are held until the endpoint has answered a challenge (POST …/verify)',
  }),
  ratePerSecond: Type.Number({
    minimum: 0.1,
    maximum: 1_000,
    description: 'Most attempts per second. Default: no limit',
  }),
  expiresAfterMs: Type.Integer({
    minimum: 1_000,
    maximum: retryCaps.giveUpAfterMs,
    description: 'An event that could not be delivered within this time is dead. Default: never',
  }),
}

/**
 * What a customer sets of a subscription. Each field is declared here once: requests, answers, the patch, the defaults, the stored document
 * and the types derive from it.
 */
export const subscriptionSettings = { required, withDefault, optional }

type Schemas = typeof required & typeof withDefault & typeof optional
export type SettableField = keyof Schemas

/** The names of the settable fields. */
export const settableFields = Object.keys({ ...required, ...withDefault, ...optional }) as readonly SettableField[]

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T
type Values<Declared extends Readonly<Record<string, TSchema>>> = {
  readonly [Name in keyof Declared]: Frozen<Static<Declared[Name]>>
}

/** Settings as a customer sends them. */
export type SubscriptionSettings = Values<typeof required> & Partial<Values<typeof withDefault & typeof optional>>

/** Settings as a subscription keeps them: with the defaults. Headers and auth are kept sealed, apart from them. */
export type StoredSettings = Values<typeof required & typeof withDefault> &
  Partial<Values<Omit<typeof optional, 'headers' | 'auth'>>>

export const settingDefaults = Object.fromEntries(
  Object.entries<TSchema & { readonly default?: unknown }>(withDefault).map(([name, schema]) => [name, schema.default]),
) as Values<typeof withDefault>
