import type { EventType } from '../../../../config/event-types/event-type.ts'

/** Describes what a receiver gets: one webhook per event type. */
export const describeWebhooks = (eventTypes: readonly EventType[]): Record<string, object> =>
  Object.fromEntries(eventTypes.map(each => [each.type, { post: webhookOf(each) }]))

const webhookOf = ({ type, description, schema, sample }: EventType) => ({
  operationId: `receive_${type.replaceAll('.', '_')}`,
  tags: ['Webhooks'],
  summary: description,
  description:
    'Sent to every subscription with matching event types and filter. Every attempt of a delivery has the same bytes, as long as the subscription’s payload form does not change.',
  security: [],
  parameters: Object.entries(requestHeaders).map(([name, [text, required]]) => ({
    name,
    in: 'header',
    required,
    description: text,
    schema: { type: 'string' },
  })),
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: bodySchema(type, schema),
        example: {
          id: 'evt_01JCQ2Z8N4T0V3W5X7Y9ZABCDE',
          type,
          timestamp: '2026-03-02T08:56:12.000Z',
          visitId: 'visit-1',
          sequence: 1,
          data: sample,
        },
      },
    },
  },
  responses: {
    '2XX': { description: 'Received: the delivery is complete.' },
    '410': { description: 'Gone: the second such answer in a row disables the subscription.' },
    '4XX': { description: 'Not received: retried by the retry policy. 429 with Retry-After slows deliveries down.' },
    '5XX': { description: 'Not received: retried by the retry policy. 503 with Retry-After slows deliveries down.' },
  },
})

const bodySchema = (type: string, data: object) => ({
  type: 'object',
  required: ['id', 'type', 'timestamp', 'visitId', 'sequence'],
  properties: {
    id: {
      type: 'string',
      description: 'The event’s id: ignore an event that you have processed, unless it is a replay',
    },
    type: { const: type },
    timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
    visitId: { type: 'string' },
    sequence: { type: 'integer', description: 'Grows with each event of a visit; gaps have no meaning' },
    data: { ...data, description: 'Missing in the thin form' },
  },
})

const requestHeaders: Readonly<Record<string, readonly [text: string, required: boolean]>> = {
  'webhook-id': ['The event’s id, the same on every attempt', true],
  'webhook-timestamp': ['Unix seconds of the attempt', true],
  'webhook-signature': [
    'Standard Webhooks: `v1,` and the HMAC-SHA256 of `id.timestamp.body`; several, separated by spaces, while a secret is rotated',
    true,
  ],
  'webhook-jws': [
    'Detached JWS (RFC 7515 appendix F): put base64url(body) between the dots, verify against the key set',
    true,
  ],
  'webhook-attempt': ['From 1', true],
  'webhook-replay': ['`true` on replays', false],
  'webhook-test': ['`true` on tests', false],
}
