import type { AttributeShape } from './shapes.ts'

/** What an attempt can end with (`src/domain/outcome.ts`). */
const attemptOutcomes = [
  'delivered',
  'redirect',
  'see_other',
  'rejected',
  'denied',
  'gone',
  'throttled',
  'unready',
  'server_error',
  'overloaded',
  'dns',
  'connect',
  'connect_timeout',
  'tls',
  'certificate_expired',
  'certificate_name',
  'certificate_untrusted',
  'http2_only',
  'timeout',
  'reset',
  'refused_address',
  'own_fault',
]

/** How a worker can end its work on a message of the stream. */
const messageResults = ['acknowledged', 'handed_back', 'kept_aside']

/** Attributes of spans and labels of metrics: Doorbell’s own first, then those of the semantic conventions. */
export const attributeShapes = {
  tenant: { name: 'webhook.tenant', meaning: 'Tenant' },
  subscription: { name: 'webhook.subscription.id', meaning: 'Subscription' },
  eventId: { name: 'webhook.event.id', meaning: 'Event' },
  eventType: { name: 'webhook.event.type', meaning: 'Type of the event, e.g. `visit.checked_in`' },
  visitId: { name: 'webhook.visit.id', meaning: 'Visit' },
  delivery: { name: 'webhook.delivery.id', meaning: 'Row of the delivery log: event and subscription' },
  attempt: { name: 'webhook.attempt', meaning: 'Number of the attempt, from 1' },
  originTrace: {
    name: 'webhook.origin.trace_id',
    meaning:
      'On a later trace of the same check-in: the id of its first trace, so that a search for that id finds all of them',
  },
  outcome: {
    name: 'webhook.outcome',
    meaning:
      'Outcome of an attempt, by its class; on the span `process visits` the result of the message, with the values of `webhook.process.result`',
    values: [...attemptOutcomes, ...messageResults],
  },
  duplicate: { name: 'webhook.duplicate', meaning: 'Whether the stream already had this event' },
  circuitState: {
    name: 'webhook.circuit.state',
    meaning: 'State of a circuit',
    values: ['closed', 'open', 'half-open'],
  },
  deliveryStatus: {
    name: 'webhook.delivery.status',
    meaning: 'Status of a row',
    values: ['delivered', 'pending', 'held', 'dead', 'cancelled'],
  },
  deliveryReason: {
    name: 'webhook.delivery.reason',
    meaning: 'Why a row has its status; `none` when the status says it all',
  },
  fault: {
    name: 'webhook.fault',
    meaning: 'Why a delivery waits: for Doorbell, for its receiver, or because the customer wants it to',
    values: ['own', 'receiver', 'customer'],
  },
  receiverState: {
    name: 'webhook.receiver.state',
    meaning:
      '`healthy` when, since a minute before the event, no attempt of the subscription failed or took a second, and neither a setting nor a circuit held the delivery back',
    values: ['healthy', 'troubled'],
  },
  publishResult: {
    name: 'webhook.publish.result',
    meaning: 'The stream’s answer to a publication',
    values: ['accepted', 'duplicate', 'failed'],
  },
  processResult: {
    name: 'webhook.process.result',
    meaning: 'How the work on a message ended',
    values: messageResults,
  },
  attemptResult: {
    name: 'webhook.attempt.result',
    meaning: '`delivered` after a 2xx answer',
    values: ['delivered', 'failed'],
  },
  removed: {
    name: 'webhook.retention.what',
    meaning: 'What was removed',
    values: ['ended', 'contents', 'messages', 'rows', 'erased'],
  },
  refusedAt: {
    name: 'webhook.refused.at',
    meaning: 'When the egress guard refused an address',
    values: ['configuration', 'delivery'],
  },
  subscriptionStatus: {
    name: 'webhook.subscription.status',
    meaning: 'Status of a subscription',
    values: ['active', 'paused', 'disabled'],
  },
  dependency: {
    name: 'webhook.dependency',
    meaning: 'Server that Doorbell needs, or its own fleet of workers',
    values: ['nats', 'mongodb', 'fleet'],
  },
  requirement: {
    name: 'webhook.requirement',
    meaning: 'Kind of the objects that Doorbell needs in a server',
  },
  batch: { name: 'webhook.ledger.batch', meaning: 'What a batch does with its rows', values: ['insert', 'update'] },
  seriesOf: {
    name: 'webhook.series.of',
    meaning: 'What the missing series would show',
    values: ['subscription', 'tenant'],
  },
  signal: {
    name: 'webhook.telemetry.signal',
    meaning: 'What was exported',
    values: ['traces', 'metrics', 'logs'],
  },
  exportResult: {
    name: 'webhook.telemetry.result',
    meaning: 'Whether the collector accepted an export',
    values: ['sent', 'failed'],
  },

  errorType: { name: 'error.type', meaning: 'Error class; present only on failures' },
  httpMethod: { name: 'http.request.method', meaning: 'Method; `_OTHER` for an unknown one' },
  httpRoute: {
    name: 'http.route',
    meaning: 'Route with the names of its parameters; `unmatched` when no route matched',
  },
  httpStatus: { name: 'http.response.status_code', meaning: 'HTTP status of the answer' },
  urlFull: { name: 'url.full', meaning: 'The receiver’s origin, without path and query' },
  serverAddress: { name: 'server.address', meaning: 'The receiver’s host' },
  messagingSystem: { name: 'messaging.system', meaning: 'Always `nats`' },
  messagingOperation: { name: 'messaging.operation.name', meaning: '`send` or `process`' },
  messagingOperationType: { name: 'messaging.operation.type', meaning: '`send` or `process`' },
  messagingDestination: { name: 'messaging.destination.name', meaning: '`visits.in` or `visits`' },
  messageId: { name: 'messaging.message.id', meaning: 'The event’s id' },
  partition: { name: 'messaging.destination.partition.id', meaning: 'Number of the partition, from 0' },
  dbSystem: { name: 'db.system.name', meaning: 'Always `mongodb`' },
  dbCollection: { name: 'db.collection.name', meaning: 'Collection' },
  dbOperation: { name: 'db.operation.name', meaning: 'Command, e.g. `insert`' },
  dbPool: { name: 'db.client.connection.pool.name', meaning: 'Always `doorbell`' },
  dbConnectionState: {
    name: 'db.client.connection.state',
    meaning: 'Whether a connection is in use',
    values: ['idle', 'used'],
  },
  memoryKind: { name: 'process.memory.kind', meaning: 'Kind of memory', values: ['rss', 'heap_used', 'heap_limit'] },
  cpuMode: { name: 'cpu.mode', meaning: 'Where the time was spent', values: ['user', 'system'] },
  quantile: { name: 'nodejs.eventloop.quantile', meaning: 'Quantile of the delay', values: ['p50', 'p99', 'max'] },
} as const satisfies Record<string, AttributeShape>
