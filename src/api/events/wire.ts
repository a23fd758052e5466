import { Type } from 'typebox'
import { eventIdPattern } from '../../domain/event.ts'
import { deliveryAnswer } from '../deliveries/wire.ts'
import { anyObject, closed, maybe, moment, text } from '../http/wire.ts'

export const traceId = Type.Union([Type.String(), Type.Null()], {
  description: 'The trace that the event starts or continues',
})

/** One event that was accepted. */
export const acceptedAnswer = Type.Object(
  {
    id: Type.String({ pattern: eventIdPattern }),
    duplicate: Type.Boolean({ description: 'true: this id was accepted before; the event is delivered once' }),
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
    data: anyObject,
    tenant: maybe(Type.String()),
  },
  { ...closed, title: 'Event' },
)

/** An event, its deliveries, and what became of it at each subscription. */
export const eventAccountAnswer = Type.Object(
  {
    id: Type.String(),
    type: Type.String(),
    visitId: Type.String(),
    event: Type.Union([eventAnswer, Type.Null()], { description: 'null: its content is no longer kept' }),
    deliveries: Type.Array(deliveryAnswer),
    subscriptions: Type.Array(
      Type.Object(
        {
          subscriptionId: Type.String(),
          url: Type.String(),
          outcome: Type.Enum(['delivered', 'pending', 'held', 'dead', 'cancelled', 'not_matched', 'unknown']),
          explanation: text('Why, in plain words'),
        },
        closed,
      ),
    ),
  },
  closed,
)
