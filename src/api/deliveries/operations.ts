import { Type } from 'typebox'
import { closed, emptyBody, maybe, moment } from '../http/wire.ts'
import { keptAttempts } from '../../domain/delivery.ts'
import type { Operation } from '../operation/operation.ts'
import { pageAnswer, pageQuery } from '../operation/page.ts'
import { deliveryAnswer } from './wire.ts'

const tag = 'Deliveries'
const path = '/v1/tenants/{tenant}/deliveries'
const id = (description: string) => maybe(Type.String({ maxLength: 200, description }))
const { status } = deliveryAnswer.properties

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
        eventId: id('Only of this event'),
        subscriptionId: id('Only to this subscription'),
        visitId: id('Only of this visit'),
        type: id('Only of this event type'),
        status: maybe(status),
        from: maybe(moment('Accepted at or after this time')),
        to: maybe(moment('Accepted before this time')),
        ...pageQuery,
      },
      closed,
    ),
    answers: { 200: { description: 'A page, the newest first', schema: pageAnswer(deliveryAnswer) } },
    problems: ['search_too_wide'],
  },
  get: {
    id: 'getDelivery',
    tag,
    method: 'get',
    path: `${path}/{id}`,
    summary: 'Get a delivery with its attempts',
    description: `The last ${keptAttempts} attempts; \`attemptsNotKept\` counts those before them, as a delivery that was sent again many times has.`,
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
      'Server-sent events: `event: delivery` with the row as in the list. The stream does not repeat earlier changes: read the list first. A comment line is sent every 15 s.',
    access: 'deliveries:read',
    query: Type.Object({ subscriptionId: id('Only to this subscription') }, closed),
    answers: { 200: { description: 'A stream without end', contentType: 'text/event-stream' } },
  },
  resend: {
    id: 'resendDelivery',
    runsAlone: true,
    tag,
    method: 'post',
    path: `${path}/{id}/resend`,
    summary: 'Send a delivery again',
    description:
      'Sent to the subscription’s current url, signed with the current key, with all attempts of the retry policy.',
    access: 'deliveries:write',
    body: emptyBody,
    audit: { fields: Type.Object({ status }) },
    answers: { 202: { description: 'The delivery is due', schema: deliveryAnswer } },
    problems: ['not_found', 'conflict', 'streams_unavailable'],
  },
  cancel: {
    id: 'cancelDelivery',
    runsAlone: true,
    tag,
    method: 'post',
    path: `${path}/{id}/cancel`,
    summary: 'Cancel a pending or held delivery',
    access: 'deliveries:write',
    body: emptyBody,
    audit: { fields: Type.Object({ status }) },
    answers: { 202: { description: 'The cancelled delivery', schema: deliveryAnswer } },
    problems: ['not_found', 'conflict'],
  },
} as const satisfies Record<string, Operation>
