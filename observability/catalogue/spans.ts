import type { SpanShapeEntry } from './shapes.ts'

const messaging = ['messagingSystem', 'messagingOperation', 'messagingOperationType', 'messagingDestination'] as const
const ids = ['delivery', 'tenant', 'subscription', 'eventId', 'visitId', 'eventType'] as const

/** Spans with a fixed name; those of the API’s requests are named by method and route. */
export const spanShapes = {
  send: {
    name: 'send visits.in',
    kind: 'PRODUCER',
    meaning: 'From the event’s being accepted to the stream’s acknowledgement',
    attributes: [...messaging, 'messageId', 'tenant', 'eventType', 'eventId', 'visitId', 'duplicate'],
  },
  process: {
    name: 'process visits',
    kind: 'CONSUMER',
    meaning: 'One event in its partition, from the message’s arrival to its acknowledgement; linked to its sender',
    attributes: [...messaging, 'partition', 'tenant', 'eventType', 'eventId', 'visitId', 'outcome', 'errorType'],
  },
  attempt: {
    name: 'attempt delivery',
    kind: 'INTERNAL',
    meaning:
      'One attempt of one delivery, signatures included; later than 5 minutes in a trace of its own, linked to the first',
    attributes: [...ids, 'attempt', 'originTrace', 'outcome', 'httpStatus', 'errorType'],
  },
  post: {
    name: 'POST',
    kind: 'CLIENT',
    meaning: 'The POST itself',
    attributes: ['httpMethod', 'urlFull', 'serverAddress', 'outcome', 'httpStatus', 'errorType'],
  },
  record: {
    name: 'record delivery',
    kind: 'CLIENT',
    meaning: 'Until the delivery’s row is durable',
    attributes: [
      'dbSystem',
      'dbCollection',
      'dbOperation',
      'delivery',
      'subscription',
      'originTrace',
      'deliveryStatus',
    ],
  },
  circuit: {
    name: 'change circuit',
    kind: 'INTERNAL',
    meaning:
      'A circuit’s change of state, until it is durable. Span events `circuit.open`, `circuit.half-open`, `circuit.closed`',
    attributes: ['subscription', 'circuitState'],
  },
} as const satisfies Record<string, SpanShapeEntry>
