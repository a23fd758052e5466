import type { SpanShapeEntry } from './shapes.ts'

const messaging = ['messagingSystem', 'messagingOperation', 'messagingOperationType', 'messagingDestination'] as const
const ids = ['delivery', 'tenant', 'subscription', 'eventId', 'visitId', 'eventType'] as const

/** Spans with a fixed name. The API’s request spans are named by method and route. */
export const spanShapes = {
  send: {
    name: 'send visits.in',
    kind: 'PRODUCER',
    meaning: 'From accepting an event to the stream’s acknowledgement',
    attributes: [...messaging, 'messageId', 'tenant', 'eventType', 'eventId', 'visitId', 'duplicate'],
  },
  process: {
    name: 'process visits',
    kind: 'CONSUMER',
    meaning:
      'Work on one event in its partition, from the message’s arrival to its acknowledgement. Linked to the sender’s span',
    attributes: [...messaging, 'partition', 'tenant', 'eventType', 'eventId', 'visitId', 'outcome', 'errorType'],
  },
  attempt: {
    name: 'attempt delivery',
    kind: 'INTERNAL',
    meaning:
      'One attempt of one delivery, including its signatures. More than 5 minutes after the event it begins a trace of its own, linked to the first',
    attributes: [...ids, 'attempt', 'originTrace', 'outcome', 'httpStatus', 'errorType'],
  },
  post: {
    name: 'POST',
    kind: 'CLIENT',
    meaning: 'The POST to the receiver',
    attributes: ['httpMethod', 'urlFull', 'serverAddress', 'outcome', 'httpStatus', 'errorType'],
  },
  record: {
    name: 'record delivery',
    kind: 'CLIENT',
    meaning: 'Writing a delivery’s row, until it is durable',
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
      'A circuit’s change of state, until it is durable. Its span event is `circuit.open`, `circuit.half-open` or `circuit.closed`',
    attributes: ['subscription', 'circuitState'],
  },
} as const satisfies Record<string, SpanShapeEntry>
