import { type Static, Type } from 'typebox'
import { Failure, type Fault } from '../../domain/failure.ts'
import { limits } from '../../domain/limits.ts'
import { retryCaps } from '../../domain/retry.ts'
import { matchesType } from '../../domain/subscription.ts'
import { pointerStep } from '../../intake/validation.ts'

const delayMs = (description: string) =>
  Type.Integer({ minimum: retryCaps.minDelayMs, maximum: retryCaps.maxDelayMs, description })

/** A growing delay, or an explicit list. All in milliseconds; every policy is capped by the server. */
export const retrySchema = Type.Union([
  Type.Object(
    {
      maxAttempts: Type.Integer({ minimum: 1, maximum: retryCaps.maxAttempts }),
      firstDelayMs: delayMs('Before the second attempt'),
      factor: Type.Number({ minimum: 1, maximum: 10 }),
      maxDelayMs: delayMs('No delay is longer'),
      giveUpAfterMs: Type.Integer({ minimum: 1_000, maximum: retryCaps.giveUpAfterMs }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { delaysMs: Type.Array(delayMs('Before the next attempt'), { maxItems: retryCaps.maxAttempts - 1 }) },
    { additionalProperties: false },
  ),
])

const visible = '^[\\x21-\\x7e]*$'
const filterValue = Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()])

const all = {
  url: Type.String({ minLength: 1, maxLength: limits.urlLength, description: 'Where deliveries are posted to; https' }),
  description: Type.String({ maxLength: 500 }),
  eventTypes: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: 'Types of the catalogue, or with a final wildcard: visit.*',
  }),
  filter: Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$' }),
    Type.Array(filterValue, { minItems: 1, maxItems: 100 }),
    {
      additionalProperties: false,
      maxProperties: 10,
      description: 'Top-level fields of data and the values they may have; all must fit',
    },
  ),
  retry: retrySchema,
  timeoutMs: Type.Integer({ minimum: 1_000, maximum: 30_000, description: 'Whole attempt, connect to last byte' }),
  maxInFlight: Type.Integer({ minimum: 1, maximum: 500, description: 'Attempts under way at once' }),
  payload: Type.Enum(['full', 'thin']),
  headers: Type.Record(
    Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$" }),
    Type.String({ maxLength: limits.headerValueLength, pattern: '^[\\t\\x20-\\x7e]*$' }),
    {
      additionalProperties: false,
      maxProperties: limits.headerCount,
      description: 'Sent with each request; values are kept encrypted and shown masked',
    },
  ),
  auth: Type.Union(
    [
      Type.Object(
        { type: Type.Literal('bearer'), token: Type.String({ minLength: 1, maxLength: 4_096, pattern: visible }) },
        { additionalProperties: false },
      ),
      Type.Object(
        {
          type: Type.Literal('basic'),
          username: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^:\\x00-\\x1f]*$' }),
          password: Type.String({ maxLength: 1_024, pattern: '^[^\\x00-\\x1f]*$' }),
        },
        { additionalProperties: false },
      ),
    ],
    { description: 'Sent as Authorization with each request; kept encrypted and shown masked' },
  ),
  requireVerification: Type.Boolean({
    description: 'true: its events are held until the endpoint has answered a challenge (POST …/verify)',
  }),
  propagateTrace: Type.Boolean({ description: 'Whether the receiver gets traceparent' }),
  ratePerSecond: Type.Number({
    minimum: 0.1,
    maximum: 1_000,
    description: 'Most attempts a second. Default: no limit',
  }),
  ordering: Type.Enum(['none', 'visit'], {
    description: 'visit: a later event of a visit never overtakes an earlier one',
  }),
  expiresAfterMs: Type.Integer({
    minimum: 1_000,
    maximum: retryCaps.giveUpAfterMs,
    description: 'An event that could not be delivered within this time is dead. Default: never',
  }),
}

const { url, eventTypes, ...others } = all
/** What a customer sets: two of them must be there. */
export const settings = {
  required: { url, eventTypes },
  optional: Type.Partial(Type.Object(others)).properties,
}

/** Body of `POST …/subscriptions`, and a subscription after a `PATCH`. */
export const createSchema = Type.Object({ ...settings.required, ...settings.optional }, { additionalProperties: false })
/** Body of `PATCH …/subscriptions/{id}` (RFC 7396): null removes. It is checked once it is merged. */
export const patchSchema = Type.Object(
  Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, Type.Optional(Type.Union([schema, Type.Null()]))]),
  ),
  { additionalProperties: false },
)
export type SubscriptionSettings = Static<typeof createSchema>

/** Names that are ours, the connection's, or the message's framing. */
const reservedHeader =
  /^(host|connection|keep-alive|proxy-.*|te|accept-encoding|trailer|transfer-encoding|upgrade|expect|content-.*|webhook-.*|user-agent|traceparent|tracestate|baggage)$/i

/** All custom headers together: servers commonly refuse a request whose headers exceed 8 KiB, and ours need some of it. */
const maxHeaderBytes = 6 * 1_024

const headerFaults = (headers: Readonly<Record<string, string>>): Fault[] => {
  const faults: Fault[] = []
  const names = new Set<string>()
  let bytes = 0
  for (const [name, value] of Object.entries(headers)) {
    const pointer = `/headers${pointerStep(name)}`
    if (reservedHeader.test(name))
      faults.push({ pointer, detail: 'is a header that Doorbell or HTTP itself sets: remove it' })
    if (names.has(name.toLowerCase()))
      faults.push({ pointer, detail: 'is named twice: the case of a header’s name does not count' })
    names.add(name.toLowerCase())
    bytes += name.length + value.length
  }
  if (bytes > maxHeaderBytes)
    faults.push({ pointer: '/headers', detail: `have ${bytes} bytes; the limit is ${maxHeaderBytes}` })
  return faults
}

/** Changed by calls of its own. */
const unbuilt = ['status'] as const

/** Says how a status is changed. Throws Failure `invalid_request`. */
export const refuseUnbuilt = (body: unknown): void => {
  if (typeof body !== 'object' || body === null) return
  const faults = unbuilt
    .filter(name => Object.hasOwn(body, name))
    .map(name => ({
      pointer: `/${name}`,
      detail: 'is changed by POST …/pause and …/resume: remove it',
    }))
  const [first] = faults
  if (first !== undefined) throw new Failure('invalid_request', `${first.pointer} ${first.detail}.`, { faults })
}

/** What a schema cannot say: types that exist, headers that are free. Throws Failure `invalid_request`. */
export const checkMeaning = (wanted: SubscriptionSettings, types: readonly string[]): void => {
  const faults: Fault[] = []
  wanted.eventTypes.forEach((pattern, index) => {
    if (!types.some(type => matchesType(pattern, type)))
      faults.push({ pointer: `/eventTypes/${index}`, detail: `"${pattern}" fits no event type: ${types.join(', ')}` })
  })
  faults.push(...headerFaults(wanted.headers ?? {}))
  if (
    wanted.auth !== undefined &&
    Object.keys(wanted.headers ?? {}).some(name => name.toLowerCase() === 'authorization')
  )
    faults.push({ pointer: '/headers/authorization', detail: 'and auth say the same thing twice: remove one of them' })
  const [first] = faults
  if (first !== undefined) throw new Failure('invalid_request', `${first.pointer} ${first.detail}.`, { faults })
}
