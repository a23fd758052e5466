import type { AttributeShape } from './shapes.ts'

const outcomes = [
  'delivered',
  'redirect',
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
  'timeout',
  'reset',
  'refused_address',
  'own_fault',
]

/** Attributes of spans and labels of metrics: Doorbell's own first, then those of the semantic conventions. */
export const attributeShapes = {
  tenant: { name: 'webhook.tenant', meaning: 'Tenant' },
  subscription: { name: 'webhook.subscription.id', meaning: 'Subscription' },
  eventId: { name: 'webhook.event.id', meaning: 'Event' },
  eventType: { name: 'webhook.event.type', meaning: 'Type of the event, e.g. `visit.checked_in`' },
  visitId: { name: 'webhook.visit.id', meaning: 'Visit' },
  delivery: { name: 'webhook.delivery.id', meaning: 'Row of the ledger: event and subscription' },
  attempt: { name: 'webhook.attempt', meaning: 'Number of the attempt, from 1' },
  originTrace: {
    name: 'webhook.origin.trace_id',
    meaning:
      'Of a trace that goes on with an earlier one: that one’s id, so that a search for it finds the later ones too',
  },
  outcome: {
    name: 'webhook.outcome',
    meaning: 'What came of an attempt, or of a message: on metrics of attempts the class of the outcome',
    values: outcomes,
  },
  duplicate: { name: 'webhook.duplicate', meaning: 'Whether the stream has had this event before' },
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
    meaning: 'Why a row has its status; `none` where that says it all',
  },
  fault: {
    name: 'webhook.fault',
    meaning: 'On whose account a delivery waits: ours, the receiver’s, or as the customer wants it',
    values: ['own', 'receiver', 'customer'],
  },
  receiverState: {
    name: 'webhook.receiver.state',
    meaning:
      '`healthy`: since a minute before the event no attempt there has failed or taken a second, and nothing else held the delivery back',
    values: ['healthy', 'troubled'],
  },
  publishResult: {
    name: 'webhook.publish.result',
    meaning: 'What the stream said',
    values: ['accepted', 'duplicate', 'failed'],
  },
  processResult: {
    name: 'webhook.process.result',
    meaning: 'How a message ended',
    values: ['acknowledged', 'handed_back', 'kept_aside'],
  },
  attemptResult: { name: 'webhook.attempt.result', meaning: 'Whether it was a 2xx', values: ['delivered', 'failed'] },
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
  dependency: { name: 'webhook.dependency', meaning: 'A server that Doorbell needs', values: ['nats', 'mongodb'] },
  batch: { name: 'webhook.ledger.batch', meaning: 'Kind of a batch of rows', values: ['insert', 'update'] },
  signal: { name: 'webhook.telemetry.signal', meaning: 'What was exported', values: ['traces', 'metrics'] },
  exportResult: { name: 'webhook.telemetry.result', meaning: 'What came of an export', values: ['sent', 'failed'] },

  errorType: { name: 'error.type', meaning: 'Class of an error, of low cardinality; only on what failed' },
  httpMethod: { name: 'http.request.method', meaning: 'Method; `_OTHER` for one that is not known' },
  httpRoute: { name: 'http.route', meaning: 'Route with its parameters’ names; `unmatched` for none' },
  httpStatus: { name: 'http.response.status_code', meaning: 'Status of the answer' },
  urlFull: { name: 'url.full', meaning: 'The receiver’s origin: no path and no query' },
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
    meaning: 'Whether a connection works',
    values: ['idle', 'used'],
  },
  memoryKind: { name: 'process.memory.kind', meaning: 'Which memory', values: ['rss', 'heap_used', 'heap_limit'] },
  cpuMode: { name: 'cpu.mode', meaning: 'Where the time went', values: ['user', 'system'] },
  quantile: { name: 'nodejs.eventloop.quantile', meaning: 'Which of the delays', values: ['p50', 'p99', 'max'] },
} as const satisfies Record<string, AttributeShape>
