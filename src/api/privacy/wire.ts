import { Type } from 'typebox'
import type { Erasure } from '../../domain/erasure.ts'
import { closed, count, iso, isoIf, maybe, moment, type Wire } from '../http/wire.ts'

const days = {
  payloadDays: Type.Integer({ minimum: 1, description: 'Days for events, bodies and receivers’ answers' }),
  logDays: Type.Integer({ minimum: 1, description: 'Days for the delivery log' }),
}
export const retentionAnswer = Type.Object(
  {
    ...days,
    defaults: Type.Object(days, { ...closed, description: 'The operator’s values, for what the tenant left open' }),
  },
  closed,
)

export const erasureAnswer = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['running', 'done']),
    scanned: count('Events of the tenant that were searched so far'),
    events: count('Events that were overwritten in the event store'),
    deliveries: count('Deliveries whose body and answers were removed'),
    cancelled: count('Of these, pending and held ones, which will not be sent'),
    createdAt: moment('When it was requested'),
    finishedAt: maybe(moment('When it was done')),
  },
  closed,
)

export const showErasure = ({ id, state, counts, createdAt, finishedAt }: Erasure): Wire<typeof erasureAnswer> => ({
  id,
  state,
  ...counts,
  createdAt: iso(createdAt),
  finishedAt: isoIf(finishedAt),
})
