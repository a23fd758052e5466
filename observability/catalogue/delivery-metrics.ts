import { boundaries } from './boundaries.ts'
import type { MetricShape } from './shapes.ts'

const messaging = ['messagingSystem', 'messagingOperation', 'messagingDestination'] as const

/** The way of a check-in, from the API to the receiver. */
export const deliveryMetrics = {
  requestDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Requests to the API until their answer is written',
    attributes: ['httpMethod', 'httpRoute', 'httpStatus'],
    boundaries: boundaries.request,
  },
  sentMessages: {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    meaning: 'Events handed to the stream, by what it said',
    attributes: [...messaging, 'publishResult'],
  },
  publishDuration: {
    name: 'messaging.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Until the stream has acknowledged an event',
    attributes: messaging,
    boundaries: boundaries.request,
  },
  processDuration: {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'An event in its partition, from arrival to acknowledgement: its rows are durable then',
    attributes: [...messaging, 'processResult'],
    boundaries: boundaries.request,
  },
  attemptDuration: {
    name: 'http.client.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning:
      'One POST to a receiver. Its class stands in place of the status: receivers choose that, and each would be a series',
    attributes: ['httpMethod', 'outcome'],
    boundaries: boundaries.request,
  },
  firstAttemptDelay: {
    name: 'webhook.first_attempt.delay',
    kind: 'histogram',
    unit: 's',
    meaning: 'From the event’s being accepted to its first attempt; replays and tests apart',
    attributes: ['receiverState'],
    boundaries: boundaries.delay,
  },
  deliveryDuration: {
    name: 'webhook.delivery.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'From the event’s being accepted to the receiver’s 2xx, whatever held it back',
    attributes: [],
    boundaries: boundaries.delivery,
  },
  deliveryOutcomes: {
    name: 'webhook.delivery.outcomes',
    kind: 'counter',
    unit: '{row}',
    meaning:
      'Rows written, by status and reason: one delivery counts once for each time that it is held or tried again',
    attributes: ['deliveryStatus', 'deliveryReason'],
  },
  keptAside: {
    name: 'webhook.messages.aside',
    kind: 'counter',
    unit: '{message}',
    meaning: 'Messages of the stream that were no event, or met a defect, and were kept aside',
    attributes: [],
  },
  retries: {
    name: 'webhook.retries',
    kind: 'counter',
    unit: '{attempt}',
    meaning: 'Attempts that failed and will be made again, by class',
    attributes: ['outcome'],
    sometimes: true,
  },
  circuitChanges: {
    name: 'webhook.circuit.changes',
    kind: 'counter',
    unit: '{change}',
    meaning: 'Circuits that went into a state',
    attributes: ['circuitState'],
    sometimes: true,
  },
  disables: {
    name: 'webhook.subscription.disables',
    kind: 'counter',
    unit: '{subscription}',
    meaning: 'Subscriptions that Doorbell disabled',
    attributes: [],
    sometimes: true,
  },
  refusals: {
    name: 'webhook.egress.refusals',
    kind: 'counter',
    unit: '{refusal}',
    meaning: 'Addresses that the egress guard refused',
    attributes: ['refusedAt'],
    sometimes: true,
  },
  retentionRemoved: {
    name: 'webhook.retention.removed',
    kind: 'counter',
    unit: '{thing}',
    meaning: 'Waiting rows given up, rows’ contents, messages and rows that retention removed; events that were erased',
    attributes: ['removed'],
    sometimes: true,
  },
} as const satisfies Record<string, MetricShape>
