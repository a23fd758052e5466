import test from 'ava'
import { type GaugeSources, observeGauges } from './gauges.ts'
import { observed } from './observed.ts'

const away = () => Promise.reject(new Error('away'))

const sources: GaugeSources = {
  supervised: () => [
    { id: 'sub_1', tenant: 'acme', inFlight: 2, inFlightLimit: 8, waiting: 3, circuit: 'open' },
    { id: 'sub_2', tenant: 'globex', inFlight: 4, inFlightLimit: 16, waiting: 5, circuit: 'half-open' },
    { id: 'sub_3', tenant: 'globex', inFlight: 0, inFlightLimit: 1, waiting: 1, circuit: 'closed' },
  ],
  openMessages: () => 11,
  mailboxDepth: () => 12,
  partitionsOwned: () => 13,
  partitions: 16,
  subscriptions: () => [...Array.from({ length: 5 }, () => ({ status: 'active' }) as const), { status: 'paused' }],
  attemptLimit: 512,
  directoryAgeS: () => 17,
  retentionAgeS: () => 14,
  signingKeyAgeS: () => 15,
  signingKeyLifetimeS: null,
  pings: { nats: () => Promise.resolve(undefined), mongodb: away },
  broken: () => [
    { system: 'nats', requirement: 'stream', broken: 0 },
    { system: 'mongodb', requirement: 'indexes', broken: 2 },
  ],
  stream: () => Promise.resolve({ messages: 21, bytes: 22, firstAgeS: 23 }),
  consumers: () =>
    Promise.resolve([
      { partition: 0, pending: 31, ackPending: 32, redelivered: 33, oldestAgeS: 34 },
      { partition: 7, pending: 35, ackPending: 36, redelivered: 37, oldestAgeS: 38 },
    ]),
  ledger: () =>
    Promise.resolve({
      rows: 41,
      waiting: [
        { status: 'pending', reason: undefined, count: 42, oldestAgeS: 50 },
        { status: 'held', reason: 'circuit_open', count: 43, oldestAgeS: 49 },
        { status: 'pending', reason: 'own_fault', count: 44, oldestAgeS: 52 },
        { status: 'held', reason: 'paused', count: 45, oldestAgeS: 53 },
        { status: 'pending', reason: 'replay', count: 46, oldestAgeS: 54 },
      ],
      circuits: { open: 2, 'half-open': 1 },
      erasures: { running: 55, oldestAgeS: 56 },
    }),
}

test('each gauge shows what its source says, and one whose source is away or has nothing is missing', async t => {
  observeGauges(sources, { subscriptionHasSeries: () => true })
  const { resourceMetrics } = await observed.collect()
  const shown = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name.startsWith('webhook.'))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, ...Object.values(attributes), value].join(' ')),
    )
  t.deepEqual(shown.toSorted(), expected.toSorted())
})

const expected = [
  'webhook.requirement.broken nats stream 0',
  'webhook.requirement.broken mongodb indexes 2',
  'webhook.supervisors 3',
  'webhook.inflight 6',
  'webhook.inflight.limit 512',
  'webhook.waiting 9',
  'webhook.partition.open_messages 11',
  'webhook.mailbox.depth 12',
  'webhook.partitions.owned 13',
  'webhook.partitions 16',
  'webhook.directory.age 17',
  'webhook.retention.age 14',
  'webhook.signing_key.age 15',
  'webhook.subscriptions active 5',
  'webhook.subscriptions paused 1',
  'webhook.subscriptions disabled 0',
  'webhook.subscription.inflight acme sub_1 2',
  'webhook.subscription.inflight.limit acme sub_1 8',
  'webhook.subscription.waiting acme sub_1 3',
  'webhook.subscription.circuit acme sub_1 2',
  'webhook.subscription.inflight globex sub_2 4',
  'webhook.subscription.inflight.limit globex sub_2 16',
  'webhook.subscription.waiting globex sub_2 5',
  'webhook.subscription.circuit globex sub_2 1',
  'webhook.subscription.inflight globex sub_3 0',
  'webhook.subscription.inflight.limit globex sub_3 1',
  'webhook.subscription.waiting globex sub_3 1',
  'webhook.subscription.circuit globex sub_3 0',
  'webhook.dependency.up nats 1',
  'webhook.dependency.up mongodb 0',
  'webhook.stream.messages 21',
  'webhook.stream.size 22',
  'webhook.stream.first.age 23',
  'webhook.consumer.pending 0 31',
  'webhook.consumer.ack_pending 0 32',
  'webhook.consumer.redelivered 0 33',
  'webhook.consumer.age 0 34',
  'webhook.consumer.pending 7 35',
  'webhook.consumer.ack_pending 7 36',
  'webhook.consumer.redelivered 7 37',
  'webhook.consumer.age 7 38',
  'webhook.backlog.rows pending none 42',
  'webhook.backlog.rows held circuit_open 43',
  'webhook.backlog.rows pending own_fault 44',
  'webhook.backlog.rows held paused 45',
  'webhook.backlog.rows pending replay 46',
  'webhook.backlog.age own 52',
  'webhook.backlog.age receiver 50',
  'webhook.backlog.age customer 54',
  'webhook.ledger.rows 41',
  'webhook.circuit.state closed 3',
  'webhook.circuit.state open 2',
  'webhook.circuit.state half-open 1',
  'webhook.erasure.running 55',
  'webhook.erasure.age 56',
]
