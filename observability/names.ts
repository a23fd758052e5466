/** Every span name, attribute and metric of Doorbell. Conventions: OpenTelemetry semantic conventions 1.44 for messaging and HTTP. */

export const spanNames = {
  /** SERVER: one request to the REST API, e.g. `POST /v1/tenants/{tenant}/events`. */
  request: (method: string, route: string) => `${method} ${route}`,
  /** PRODUCER: from the event's being accepted to the stream's acknowledgement. */
  send: 'send visits.in',
  /** CONSUMER: one event in its partition, from the message's arrival to its acknowledgement. */
  process: 'process visits',
  /** INTERNAL: one attempt of one delivery, signatures included. */
  attempt: 'attempt delivery',
  /** CLIENT: the POST itself. */
  post: 'POST',
  /** CLIENT: until the delivery's row is durable. */
  record: 'record delivery',
  /** INTERNAL: a circuit's change of state, until it is durable. Span events `circuit.open`, `circuit.half-open`, `circuit.closed`. */
  circuit: 'change circuit',
} as const

export const attributes = {
  tenant: 'webhook.tenant',
  subscription: 'webhook.subscription.id',
  eventId: 'webhook.event.id',
  eventType: 'webhook.event.type',
  visitId: 'webhook.visit.id',
  delivery: 'webhook.delivery.id',
  attempt: 'webhook.attempt',
  outcome: 'webhook.outcome',
  circuitState: 'webhook.circuit.state',
  partition: 'messaging.destination.partition.id',
  /** Of a trace that goes on with an earlier one: that one's id, so that a search for it finds the later ones too. */
  originTrace: 'webhook.origin.trace_id',
} as const

export const metricNames = {
  deliveryDuration: 'webhook.delivery.duration',
  deliveryOutcomes: 'webhook.delivery.outcomes',
  attemptDuration: 'http.client.request.duration',
  sentMessages: 'messaging.client.sent.messages',
  processDuration: 'messaging.process.duration',
  circuitChanges: 'webhook.circuit.changes',
  retentionRemoved: 'webhook.retention.removed',
  signingKeyAge: 'webhook.signing_key.age',
  supervisors: 'webhook.supervisors',
  mailboxDepth: 'webhook.mailbox.depth',
  partitions: 'webhook.partitions.owned',
  openMessages: 'webhook.partition.open_messages',
} as const
