import { type TSchema, Type } from 'typebox'
import { eventIdPattern } from '../domain/event.ts'
import { replaySelections } from '../domain/replay.ts'
import { scopes, tenantIdPattern } from '../domain/tenant.ts'
import { settings } from './subscriptions/schema.ts'

/** Shapes of answers, as the reference shows them; a test holds every answer of the suite against them. */
const closed = { additionalProperties: false }
const moment = (description: string) => Type.String({ format: 'date-time', description })
const text = (description: string) => Type.String({ description })
const count = (description: string) => Type.Integer({ minimum: 0, description })
const either = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const maybe = Type.Optional

export const anyObject = Type.Object({}, { additionalProperties: true })

export const problemAnswer = Type.Object(
  {
    type: text('Address of a page on this code'),
    title: Type.String(),
    status: Type.Integer(),
    code: text('Stable: test this, never the text'),
    detail: text('What was wrong here, and how to mend it'),
    traceId: either(text('Tell us this one')),
    errors: maybe(
      Type.Array(
        Type.Object({ pointer: text('JSON Pointer (RFC 6901) into the body'), detail: Type.String() }, closed),
        { description: 'Each thing wrong with the body' },
      ),
    ),
  },
  closed,
)

export const pageAnswer = (items: TSchema) =>
  Type.Object(
    { items: Type.Array(items), next: either(text('For `cursor`: the page after this one; null at the end')) },
    closed,
  )

export const attemptAnswer = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    at: moment('When it was made'),
    tookMs: Type.Number({ minimum: 0 }),
    status: maybe(Type.Integer({ description: 'The receiver’s HTTP status' })),
    error: maybe(
      text(
        'Why there was no answer: dns, connect, connect_timeout, tls, certificate_expired, certificate_name, certificate_untrusted, timeout, reset, refused_address',
      ),
    ),
    detail: maybe(text('What went wrong, in plain words')),
    response: maybe(text('First 4 KiB of the answer')),
    url: text('Where it was posted to, without credentials and query values'),
    traceId: text('Of its own trace, if it came later than five minutes after the event'),
    jaegerUrl: maybe(text('The attempt in Jaeger')),
  },
  closed,
)

export const deliveryAnswer = Type.Object(
  {
    id: text('`<event id>.<subscription id>`'),
    eventId: Type.String(),
    subscriptionId: Type.String(),
    visitId: Type.String(),
    type: text('Event type'),
    status: Type.Enum(['delivered', 'pending', 'held', 'dead', 'cancelled']),
    reason: maybe(text('Why it is held, pending, dead or cancelled')),
    kind: maybe(Type.Enum(['replay', 'test'])),
    contentGone: maybe(
      Type.Enum(['retention', 'erased'], {
        description: 'Why its body and the answers are no longer kept: it cannot be sent again',
      }),
    ),
    nextAttemptAt: maybe(moment('When it is tried again')),
    createdAt: moment('When the event was accepted'),
    updatedAt: moment('When the row last changed'),
    traceId: text('The trace in which the event came'),
    jaegerUrl: maybe(text('The trace in Jaeger')),
    attempts: Type.Array(attemptAnswer),
  },
  closed,
)

export const eventAnswer = Type.Object(
  {
    id: Type.String({ pattern: eventIdPattern }),
    type: Type.String(),
    visitId: Type.String(),
    timestamp: moment('When it happened'),
    sequence: maybe(Type.Integer({ description: 'As receivers get it: grows with each event of the visit' })),
    data: Type.Object({}, { additionalProperties: true }),
    tenant: maybe(Type.String()),
  },
  closed,
)

export const subscriptionAnswer = Type.Object(
  {
    id: Type.String(),
    ...settings.required,
    ...settings.optional,
    status: Type.Enum(['active', 'paused', 'disabled']),
    statusReason: maybe(text('Why it is not active')),
    statusSince: maybe(moment('Since when it is not active')),
    circuit: Type.Enum(['closed', 'open', 'half-open'], {
      description: 'open: the endpoint fails, and events are held until a probe succeeds',
    }),
    circuitSince: maybe(moment('Since when it is not closed')),
    circuitReason: maybe(text('Why, in plain words')),
    nextProbeAt: maybe(moment('When the oldest held event is tried')),
    failingSince: maybe(moment('First failure since the last success')),
    verification: maybe(
      Type.Object(
        {
          state: Type.Enum(['unverified', 'verified', 'failed']),
          at: moment('When it was tried'),
          detail: text('In plain words'),
        },
        closed,
      ),
    ),
    probe: maybe(
      Type.Object(
        {
          accepted: either(Type.Boolean({ description: 'true: the endpoint takes events with a wrong signature' })),
          at: moment('When it was tried'),
          detail: text('In plain words'),
        },
        closed,
      ),
    ),
    previousSecretValidUntil: maybe(moment('Until then the secret before signs too')),
    createdAt: moment('When it was made'),
    updatedAt: moment('When its settings last changed'),
    secret: maybe(text('`whsec_…`: shown once, in the answer that made it')),
    pending: maybe(count('Deliveries that wait for a retry')),
    held: maybe(count('Deliveries that wait for room or permission')),
    oldestPendingAt: maybe(either(moment('The oldest of both'))),
    skipped: maybe(count('Held deliveries that were cancelled by resuming without them')),
  },
  closed,
)

export const replayAnswer = Type.Object(
  {
    id: Type.String(),
    subscriptionId: Type.String(),
    from: moment('From here'),
    to: moment('and before here'),
    status: Type.Enum([...replaySelections]),
    perSecond: Type.Number(),
    state: Type.Enum(['running', 'done', 'cancelled']),
    total: count('How many there were when it began'),
    opened: count('So far'),
    skipped: count('Left out: their content is no longer kept'),
    createdAt: moment('When it was asked for'),
    finishedAt: maybe(moment('When the last one was opened')),
    delivered: maybe(count('Of the opened ones')),
    waiting: maybe(count('Of the opened ones')),
    dead: maybe(count('Of the opened ones')),
    cancelled: maybe(count('Of the opened ones')),
  },
  closed,
)

export const tenantAnswer = Type.Object({ id: Type.String({ pattern: tenantIdPattern }), name: Type.String() }, closed)

export const newTokenAnswer = Type.Object(
  {
    id: Type.String(),
    token: text('`dbt_…`: shown once'),
    scopes: Type.Array(Type.Enum([...scopes])),
    expiresAt: either(moment('Not valid from here')),
  },
  closed,
)

export const tokenAnswer = Type.Object(
  {
    id: Type.String(),
    description: maybe(Type.String()),
    scopes: Type.Array(Type.Enum([...scopes])),
    createdAt: moment('When it was made'),
    createdBy: maybe(text('`operator`, a token’s id, or a user')),
    expiresAt: either(moment('Not valid from here')),
    lastUsedAt: either(moment('About: noted once a minute at most')),
    revokedAt: either(moment('Not valid since')),
  },
  closed,
)

export const auditAnswer = Type.Object(
  {
    id: Type.String(),
    tenant: either(text('null: of the service itself')),
    at: moment('When it was asked for'),
    actor: Type.Object({ kind: Type.Enum(['operator', 'token', 'user', 'system']), id: Type.String() }, closed),
    action: text('The operation’s id, e.g. changeSubscription'),
    resource: Type.Object({ kind: Type.String(), id: Type.String() }, closed),
    outcome: Type.Enum(['begun', 'done', 'failed'], {
      description: 'begun: the process ended in the middle; look whether it was done',
    }),
    before: maybe(anyObject),
    after: maybe(anyObject),
    traceId: either(Type.String()),
  },
  closed,
)

export const acceptedAnswer = Type.Object(
  {
    id: Type.String({ pattern: eventIdPattern }),
    duplicate: Type.Boolean({ description: 'True: this id was accepted before, and is delivered once' }),
  },
  closed,
)

const days = {
  payloadDays: Type.Integer({ minimum: 1, description: 'Days for events, bodies and receivers’ answers' }),
  logDays: Type.Integer({ minimum: 1, description: 'Days for the delivery log' }),
}
export const retentionAnswer = Type.Object(
  { ...days, defaults: Type.Object(days, { ...closed, description: 'The operator’s, for what the tenant left open' }) },
  closed,
)

export const erasureAnswer = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['running', 'done']),
    scanned: count('Events of the tenant that were looked at so far'),
    events: count('Events that were overwritten in the event store'),
    deliveries: count('Deliveries whose body and answers were removed'),
    cancelled: count('Of these, the ones that waited and are not sent any more'),
    createdAt: moment('When it was asked for'),
    finishedAt: maybe(moment('When it was done')),
  },
  closed,
)

/** Names under which the reference lists shapes that several calls share. */
export const namedSchemas: ReadonlyMap<TSchema, string> = new Map<TSchema, string>([
  [problemAnswer, 'Problem'],
  [attemptAnswer, 'Attempt'],
  [deliveryAnswer, 'Delivery'],
  [eventAnswer, 'Event'],
  [subscriptionAnswer, 'Subscription'],
  [replayAnswer, 'Replay'],
  [tokenAnswer, 'Token'],
  [auditAnswer, 'AuditEntry'],
])
