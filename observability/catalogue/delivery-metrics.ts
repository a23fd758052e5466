import { boundaries } from './boundaries.ts'
import { counter, histogram, sometimes } from './metric.ts'

const messaging = ['messagingSystem', 'messagingOperation', 'messagingDestination'] as const

/** The steps of a check-in, from the API to the receiver. */
export const deliveryMetrics = {
  requestDuration: histogram(
    'http.server.request.duration',
    's',
    boundaries.request,
    'httpMethod',
    'httpRoute',
    'httpStatus',
  ).doc('Duration of a request to the API, until its answer is written'),
  sentMessages: counter('messaging.client.sent.messages', '{message}', ...messaging, 'publishResult').doc(
    'Events published to the stream, by the stream’s answer',
  ),
  publishDuration: histogram('messaging.client.operation.duration', 's', boundaries.request, ...messaging).doc(
    'Time until the stream acknowledges an event',
  ),
  processDuration: histogram('messaging.process.duration', 's', boundaries.request, ...messaging, 'processResult').doc(
    'Time from a message’s arrival at its worker to its acknowledgement, when its rows are durable',
  ),
  attemptDuration: histogram('http.client.request.duration', 's', boundaries.request, 'httpMethod', 'outcome').doc(
    'Duration of one POST to a receiver. The label is the outcome’s class, because receivers choose the status and each status would be a series',
  ),
  firstAttemptDelay: histogram('webhook.first_attempt.delay', 's', boundaries.delay, 'receiverState').doc(
    'Time from accepting an event to its first attempt, without replays and tests',
  ),
  deliveryDuration: histogram('webhook.delivery.duration', 's', boundaries.delivery).doc(
    'Time from accepting an event to the receiver’s 2xx answer, including all retries and holds',
  ),
  deliveryOutcomes: counter('webhook.delivery.outcomes', '{row}', 'deliveryStatus', 'deliveryReason').doc(
    'Written rows by status and reason. A delivery counts each time that it is held, retried or ended',
  ),
  keptAside: counter('webhook.messages.aside', '{message}').doc(
    'Messages of the stream that were kept aside, because they are not valid events or met a defect',
  ),
  visitsFlooded: counter('webhook.visits.flooded', '{visit}').doc(
    'Visits whose further events were refused for an hour: most likely a receiver publishes an event for each webhook',
  ),
  retries: sometimes(
    counter('webhook.retries', '{attempt}', 'outcome').doc(
      'Failed attempts that will be retried, by class of the outcome',
    ),
  ),
  circuitChanges: sometimes(
    counter('webhook.circuit.changes', '{change}', 'circuitState').doc('Changes of circuits, by the new state'),
  ),
  disables: sometimes(
    counter('webhook.subscription.disables', '{subscription}').doc('Subscriptions that Doorbell disabled'),
  ),
  refusals: sometimes(
    counter('webhook.egress.refusals', '{refusal}', 'refusedAt').doc('Addresses that the egress guard refused'),
  ),
  retentionRemoved: sometimes(
    counter('webhook.retention.removed', '{thing}', 'removed').doc(
      'What retention removed: waiting rows (`ended`), contents of rows, messages, rows; and events that an erasure removed (`erased`)',
    ),
  ),
}
