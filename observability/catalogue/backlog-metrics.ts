import { gauge, sometimes } from './metric.ts'

/** The backlog, and the workers that work on it. The owner of partition 0 reports the “fleet-wide” figures. */
export const backlogMetrics = {
  backlogAge: gauge('webhook.backlog.age', 's', 'fault').doc(
    'Age of the oldest undelivered event, by the cause of its wait; 0 when none waits. Fleet-wide',
  ),
  backlogRows: sometimes(
    gauge('webhook.backlog.rows', '{row}', 'deliveryStatus', 'deliveryReason').doc(
      'Pending and held rows, counted up to a million per reason. Fleet-wide',
    ),
  ),
  circuits: gauge('webhook.circuit.state', '{subscription}', 'circuitState').doc(
    'Subscriptions by the state of their circuit. Fleet-wide',
  ),
  erasuresRunning: gauge('webhook.erasure.running', '{erasure}').doc('Unfinished erasures of visitors. Fleet-wide'),
  erasureAge: gauge('webhook.erasure.age', 's').doc(
    'Age of the oldest unfinished erasure; 0 when there is none. Fleet-wide',
  ),
  subscriptions: gauge('webhook.subscriptions', '{subscription}', 'subscriptionStatus').doc(
    'Subscriptions that this process knows',
  ),
  inFlight: gauge('webhook.inflight', '{attempt}').doc('Attempts in flight in this process'),
  attemptLimit: gauge('webhook.inflight.limit', '{attempt}').doc(
    'Attempts that this process makes at the same time at most: half of its file descriptors',
  ),
  waitingInMemory: gauge('webhook.waiting', '{delivery}').doc(
    'Deliveries in this process’s memory that wait for a slot or a token',
  ),
  supervisors: gauge('webhook.supervisors', '{supervisor}').doc(
    'Supervisors in this process’s memory, one for each subscription with work',
  ),
  mailboxDepth: gauge('webhook.mailbox.depth', '{message}').doc('Messages in all mailboxes of this process'),
  openMessages: gauge('webhook.partition.open_messages', '{message}').doc(
    'Messages of the stream that this process has received and not yet acknowledged',
  ),
  partitionsOwned: gauge('webhook.partitions.owned', '{partition}').doc('Partitions that this process owns'),
  partitions: gauge('webhook.partitions', '{partition}').doc(
    'Number of partitions. The processes must own as many in total',
  ),
  directoryAge: gauge('webhook.directory.age', 's').doc(
    'Time since MongoDB last confirmed that this process knows every subscription. Beyond 30 s its events and attempts wait',
  ),
  retentionAge: gauge('webhook.retention.age', 's').doc(
    'Time since this worker’s last complete round of retention, or since its start. A round runs every hour',
  ),
  signingKeyAge: gauge('webhook.signing_key.age', 's').doc('Time since the current key began to sign'),
  signingKeyLifetime: gauge('webhook.signing_key.lifetime', 's').doc(
    'How long a key signs, from `DOORBELL_KEY_ROTATION_DAYS`; absent when keys are rotated only by command',
  ),
}
