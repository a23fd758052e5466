import { Type } from 'typebox'
import { deliveryAnswer, pageAnswer } from '../answers.ts'
import { pageQuery } from '../operation/page.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Deliveries'
const path = '/v1/tenants/{tenant}/deliveries'
const empty = Type.Object({}, { additionalProperties: false })
const id = (description: string) => Type.Optional(Type.String({ maxLength: 200, description }))
const moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }))

export const deliveryOperations = {
  list: {
    id: 'listDeliveries',
    tag,
    method: 'get',
    path,
    summary: 'Search the delivery log',
    access: 'deliveries:read',
    query: Type.Object(
      {
        eventId: id('Of this event'),
        subscriptionId: id('To this subscription'),
        visitId: id('Of this visit'),
        type: id('Of this event type'),
        status: Type.Optional(Type.Enum(['delivered', 'pending', 'held', 'dead', 'cancelled'])),
        from: moment('Accepted at or after this moment'),
        to: moment('Accepted before this moment'),
        ...pageQuery,
      },
      { additionalProperties: false },
    ),
    answers: { 200: { description: 'A page, the newest first', schema: pageAnswer(deliveryAnswer) } },
  },
  get: {
    id: 'getDelivery',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Show a delivery with all its attempts',
    access: 'deliveries:read',
    answers: { 200: { description: 'The delivery', schema: deliveryAnswer } },
    problems: ['not_found'],
  },
  live: {
    id: 'followDeliveries',
    tag,
    method: 'get',
    path: `${path}/live`,
    summary: 'Follow deliveries as they change',
    description:
      'Server-sent events: `event: delivery` with the row as in the list. What changes while nobody listens is in the list; a comment line is sent every 15 s.',
    access: 'deliveries:read',
    query: Type.Object({ subscriptionId: id('To this subscription alone') }, { additionalProperties: false }),
    answers: { 200: { description: 'A stream without end', contentType: 'text/event-stream' } },
  },
  resend: {
    id: 'resendDelivery',
    tag,
    method: 'post',
    path: `${path}/{id}/resend`,
    summary: 'Send a delivery again',
    description: 'To the subscription’s url of now, signed with the key of now, with a new round of attempts.',
    access: 'deliveries:write',
    body: { schema: empty, limitBytes: 1_024, optional: true },
    answers: { 202: { description: 'It is due', schema: deliveryAnswer } },
    problems: ['not_found', 'conflict'],
  },
  cancel: {
    id: 'cancelDelivery',
    tag,
    method: 'post',
    path: `${path}/{id}/cancel`,
    summary: 'Give a waiting delivery up',
    access: 'deliveries:write',
    body: { schema: empty, limitBytes: 1_024, optional: true },
    answers: { 202: { description: 'It is cancelled', schema: deliveryAnswer } },
    problems: ['not_found', 'conflict'],
  },
} as const satisfies Record<string, Operation>
