import test from 'ava'
import * as names from './names.ts'

const own = { stream: 'VISITS_2', root: 'visits2' }

/** Streams, buckets, durable consumers and message ids outlive a version of Doorbell, and platforms publish to the subjects. */
const table = [
  ['the stream and the first token', names.streamNames, { stream: 'VISITS', root: 'visits' }],
  ['where events are published', names.publishSubject(own, 'acme', 'visit.created'), 'visits2.in.acme.visit.created'],
  ['what a partition reads', names.partitionFilter(own, 3), 'visits2.3.>'],
  ['a tenant’s messages', names.tenantFilter(own, 'acme'), 'visits2.*.acme.>'],
  ['a tenant’s messages of a type', names.tenantFilter(own, 'acme', 'visit.created'), 'visits2.*.acme.visit.created'],
  ['wake-up signals', names.signalSubject(own, 'sub_1'), 'visits2_wake.sub_1'],
  ['changes of the fleet', names.fleetSubject(own), 'visits2_fleet'],
  ['the bucket of leases', names.fleetBucket(own), 'VISITS_2_FLEET'],
  ['a partition’s consumer', names.consumerName(3), 'partition-3'],
  ['a consumer’s partition', names.partitionOfConsumer('partition-13'), 13],
  ['a consumer that is not a partition’s', names.partitionOfConsumer('partition-3-copy'), null],
  ['nor this one', names.partitionOfConsumer('my-partition-3'), null],
  ['the id that finds duplicates', names.messageId('acme', 'evt-1'), 'acme:evt-1'],
  ['headers of a message', names.headerNames, { messageId: 'Nats-Msg-Id', traceparent: 'traceparent' }],
  ['a stored subject', names.readSubject('v.3.acme.visit.in'), { partition: 3, tenant: 'acme', type: 'visit.in' }],
  ['a subject that names no tenant', names.readSubject('v.3'), { partition: 3, tenant: '', type: '' }],
] as const

test('names in NATS stay what they are from version to version', t => {
  for (const [meaning, name, expected] of table) t.deepEqual<unknown, unknown>(name, expected, meaning)
})
