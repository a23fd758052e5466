import { Type } from 'typebox'
import { type Delivery, forgottenAttempts, keptAttempts } from '../../domain/delivery.ts'
import { originTraceIdOf } from '../../domain/delivery-trace.ts'
import { closed, count, iso, isoIf, maybe, moment, text, type Wire } from '../http/wire.ts'
import { compilePick } from '../operation/pick.ts'

export const attemptAnswer = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    at: moment('When it was made'),
    tookMs: Type.Number({ minimum: 0 }),
    status: maybe(Type.Integer({ description: 'The receiver’s HTTP status' })),
    error: maybe(
      text(
        'Why there was no answer: dns, connect, connect_timeout, tls, certificate_expired, certificate_name, certificate_untrusted, http2_only, timeout, reset, refused_address',
      ),
    ),
    detail: maybe(text('What went wrong, in plain words')),
    response: maybe(text('First 4 KiB of the answer')),
    location: maybe(text('Where a redirect leads, without credentials and query values')),
    url: text('Where it was posted to, without credentials and query values'),
    traceId: text('The attempt’s trace: a separate one if it was made more than five minutes after the event'),
    jaegerUrl: maybe(text('The attempt in Jaeger')),
  },
  { ...closed, title: 'Attempt' },
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
        description: 'Why its body and the answers are no longer kept; it cannot be sent again',
      }),
    ),
    nextAttemptAt: maybe(moment('When the next attempt is due')),
    createdAt: moment('When the event was accepted'),
    updatedAt: moment('When the row last changed'),
    traceId: text('The trace of the event’s publication'),
    jaegerUrl: maybe(text('The trace in Jaeger')),
    attempts: Type.Array(attemptAnswer, { description: `The last ${keptAttempts} at most` }),
    attemptsNotKept: maybe(count('Attempts before the first one shown, which are no longer kept')),
  },
  { ...closed, title: 'Delivery' },
)

const pickDelivery = compilePick(deliveryAnswer)

/** A row as the API shows it: times as RFC 3339, and traces with their links. */
export const showDelivery = (row: Delivery, jaegerUrl: string | null): Wire<typeof deliveryAnswer> => {
  const traceId = originTraceIdOf(row)
  const linkTo = (place: string) => (jaegerUrl === null ? {} : { jaegerUrl: `${jaegerUrl}/trace/${place}` })
  return pickDelivery({
    ...row,
    attemptsNotKept: forgottenAttempts(row) || undefined,
    nextAttemptAt: isoIf(row.nextAttemptAt),
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    traceId,
    ...linkTo(traceId),
    attempts: row.attempts.map(attempt => ({
      ...attempt,
      at: iso(attempt.at),
      ...linkTo(`${attempt.traceId}?uiFind=${attempt.spanId}`),
    })),
  })
}
