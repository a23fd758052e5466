import { boundaries } from './boundaries.ts'
import type { MetricShape } from './shapes.ts'

const messaging = ['messagingSystem', 'messagingOperation', 'messagingDestination'] as const

/** The steps of a check-in, from the API to the receiver. */
export const deliveryMetrics = {
  requestDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Duration of a request to the API, until its answer is written',
    attributes: ['httpMethod', 'httpRoute', 'httpStatus'],
    boundaries: boundaries.request,
  },
  sentMessages: {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    meaning: 'Events published to the stream, by the stream’s answer',
    attributes: [...messaging, 'publishResult'],
  },
  publishDuration: {
    name: 'messaging.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time until the stream acknowledges an event',
    attributes: messaging,
    boundaries: boundaries.request,
  },
  processDuration: {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from a message’s arrival at its worker to its acknowledgement, when its rows are durable',
    attributes: [...messaging, 'processResult'],
    boundaries: boundaries.request,
  },
  attemptDuration: {
    name: 'http.client.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning:
      'Duration of one POST to a receiver. The label is the outcome’s class, because receivers choose the status and each status would be a series',
    attributes: ['httpMethod', 'outcome'],
    boundaries: boundaries.request,
  },
  firstAttemptDelay: {
    name: 'webhook.first_attempt.delay',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from accepting an event to its first attempt, without replays and tests',
    attributes: ['receiverState'],
    boundaries: boundaries.delay,
  },
  deliveryDuration: {
    name: 'webhook.delivery.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'Time from accepting an event to the receiver’s 2xx answer, including all retries and holds',
    attributes: [],
    boundaries: boundaries.delivery,
  },
  deliveryOutcomes: {
    name: 'webhook.delivery.outcomes',
    kind: 'counter',
    unit: '{row}',
    meaning: 'Written rows by status and reason. A delivery counts each time that it is held, retried or ended',
    attributes: ['deliveryStatus', 'deliveryReason'],
  },
  keptAside: {
    name: 'webhook.messages.aside',
    kind: 'counter',
    unit: '{message}',
    meaning: 'Messages of the stream that were kept aside, because they are not valid events or met a defect',
    attributes: [],
  },
  retries: {
    name: 'webhook.retries',
    kind: 'counter',
    unit: '{attempt}',
    meaning: 'Failed attempts that will be retried, by class of the outcome',
    attributes: ['outcome'],
    sometimes: true,
  },
  circuitChanges: {
    name: 'webhook.circuit.changes',
    kind: 'counter',
    unit: '{change}',
    meaning: 'Changes of circuits, by the new state',
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
    meaning:
      'What retention removed: waiting rows (`ended`), contents of rows, messages, rows; and events that an erasure removed (`erased`)',
    attributes: ['removed'],
    sometimes: true,
  },
} as const satisfies Record<string, MetricShape>
