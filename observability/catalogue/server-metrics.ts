import { boundaries } from './boundaries.ts'
import { gauge, histogram } from './metric.ts'

/** NATS and MongoDB as Doorbell sees them. */
export const serverMetrics = {
  dependencyUp: gauge('webhook.dependency.up', '{server}', 'dependency').doc(
    '1 if the server answers this process within 2 s, else 0',
  ),
  brokenRequirements: gauge('webhook.requirement.broken', '{object}', 'dependency', 'requirement').doc(
    'Objects that Doorbell needs in a server and that are missing or different there, so that a promise does not hold; `/readyz` names them',
  ),
  streamMessages: gauge('webhook.stream.messages', '{message}').doc('Messages in the stream. Fleet-wide'),
  streamBytes: gauge('webhook.stream.size', 'By').doc('Size of the stream on disk. Fleet-wide'),
  streamAge: gauge('webhook.stream.first.age', 's').doc('Age of the stream’s first message. Fleet-wide'),
  consumerPending: gauge('webhook.consumer.pending', '{message}', 'partition').doc(
    'Messages of a partition that its owner has not received yet. Reported by the owner',
  ),
  consumerAckPending: gauge('webhook.consumer.ack_pending', '{message}', 'partition').doc(
    'Messages of a partition that its owner has received and not acknowledged. Reported by the owner',
  ),
  consumerRedelivered: gauge('webhook.consumer.redelivered', '{message}', 'partition').doc(
    'Unacknowledged messages of a partition that were delivered more than once. Reported by the owner',
  ),
  consumerAge: gauge('webhook.consumer.age', 's', 'partition').doc(
    'Age of a partition’s oldest unacknowledged message; 0 when there is none. Reported by the owner',
  ),
  commandDuration: histogram(
    'db.client.operation.duration',
    's',
    boundaries.command,
    'dbSystem',
    'dbOperation',
    'errorType',
  ).doc('Duration of a command to MongoDB, without those that wait for changes'),
  connections: gauge('db.client.connection.count', '{connection}', 'dbPool', 'dbConnectionState').doc(
    'Connections to MongoDB',
  ),
  connectionsMax: gauge('db.client.connection.max', '{connection}', 'dbPool').doc(
    'Limit of connections to each server',
  ),
  connectionsAwaited: gauge('db.client.connection.pending_requests', '{request}', 'dbPool').doc(
    'Commands that wait for a connection',
  ),
  batchRows: histogram('webhook.ledger.batch.rows', '{row}', boundaries.rows, 'batch').doc(
    'Rows in a batch that is written together',
  ),
  batchDuration: histogram('webhook.ledger.batch.duration', 's', boundaries.command, 'batch').doc(
    'Time until a batch of rows is durable',
  ),
  ledgerRows: gauge('webhook.ledger.rows', '{row}').doc(
    'Rows of the delivery log, as MongoDB estimates them. Fleet-wide',
  ),
}
