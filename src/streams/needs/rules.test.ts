import { JetStreamApiError, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream'
import test from 'ava'
import { streamConfig } from '../stream-config.ts'
import { streamOptions } from '../../../test/support/test-stream.ts'
import { applyChanges } from './apply.ts'
import { bucketDeviations } from './bucket-rules.ts'
import { inGroups } from './by-partition.ts'
import { consumerDeviations } from './consumer-rules.ts'
import { restored } from './deviation.ts'
import { continueAfter } from './progress.ts'
import { keptChanges, streamDeviations } from './stream-rules.ts'

const s = 1_000_000_000
const wanted = streamConfig({ stream: 'VISITS', root: 'visits' }, { ...streamOptions, replicas: 3 })
/** The stream as the server reports it, with what an operator changed. */
const stream = (change: Partial<StreamConfig> | Record<string, unknown> = {}) =>
  ({ ...wanted, sealed: false, deny_delete: false, max_bytes: -1, compression: 'none', ...change }) as StreamConfig
const texts = (found: readonly { difference: string }[]) => found.map(({ difference }) => difference)

test('a stream as it was created deviates in nothing, and no change of an operator is kept', t => {
  t.deepEqual(streamDeviations(stream(), wanted), [])
  t.deepEqual(keptChanges(stream()), [])
})

for (const [change, difference, refuses] of [
  [{ sealed: true }, 'sealed is true, not unset', true],
  [{ mirror: { name: 'OTHER' } }, 'mirror is {"name":"OTHER"}, not unset', true],
  [{ subjects: ['orders.>'] }, 'subjects is ["orders.>"], not ["visits.in.*.>"]', true],
  [
    { subject_transform: undefined },
    `subject_transform is unset, not ${JSON.stringify(wanted.subject_transform)}`,
    true,
  ],
  [{ retention: RetentionPolicy.Workqueue }, 'retention is workqueue, not limits', true],
  [{ discard: 'old' }, 'discard is old, not new', true],
  [{ discard_new_per_subject: true }, 'discard_new_per_subject is true, not unset', false],
  [{ max_msgs: 3 }, 'max_msgs is 3, not -1', true],
  [{ max_msgs_per_subject: 1 }, 'max_msgs_per_subject is 1, not -1', true],
  [{ max_age: 60 * s }, 'max_age is 60 s, not 604800 s', true],
  [{ max_msg_size: 131_071 }, 'max_msg_size is 131071, not -1', false],
  [{ storage: 'memory' }, 'storage is memory, not file', true],
  [{ persist_mode: 'async' }, 'persist_mode is async, not unset', true],
  [{ no_ack: true }, 'no_ack is true, not unset', true],
  [{ num_replicas: 2 }, 'num_replicas is 2, not 3', false],
  [{ duplicate_window: 899 * s }, 'duplicate_window is 899 s, not 900 s', false],
  [{ max_consumers: 16 }, 'max_consumers is 16, not 2000', false],
  [{ consumer_limits: { max_ack_pending: 1 } }, 'consumer_limits is {"max_ack_pending":1}, not unset', false],
  [{ allow_direct: false }, 'allow_direct is unset, not true', false],
  [{ allow_atomic: undefined }, 'allow_atomic is unset, not true', false],
  [{ allow_rollup_hdrs: true }, 'allow_rollup_hdrs is true, not unset', true],
  [{ deny_delete: true }, 'deny_delete is true, not unset', false],
  [{ deny_purge: true }, 'deny_purge is true, not unset', false],
] as const)
  test(`a promise depends on this setting of the stream: ${difference}`, t => {
    const found = streamDeviations(stream(change), wanted)
    t.deepEqual(texts(found), [difference])
    t.is(found[0]?.refusesEvents, refuses)
    const [setting = ''] = Object.keys(change)
    t.deepEqual(found[0]?.change, { [setting]: (wanted as Record<string, unknown>)[setting] } as never)
  })

test('more than is needed is the operator’s, and so is what no promise depends on', t => {
  const more = {
    max_age: 604_801 * s,
    max_msg_size: 131_072,
    num_replicas: 5,
    duplicate_window: 901 * s,
    max_consumers: -1,
    persist_mode: 'default',
    max_msgs: 0,
  }
  t.deepEqual(streamDeviations(stream(more), wanted), [])
  t.deepEqual(streamDeviations(stream({ max_age: 0 }), wanted), [])
  const own = { max_bytes: 7, description: 'x', compression: 's2', republish: { src: '>', dest: 'copy.>' } }
  t.deepEqual(streamDeviations(stream(own), wanted), [])
  t.deepEqual(keptChanges(stream(own)), [
    'max_bytes is 7',
    'description is "x"',
    'republish is {"src":">","dest":"copy.>"}',
    'compression is "s2"',
  ])
})

test('a consumer has to deliver all of its partition, at once and as often as needed', t => {
  const consumer = {
    filter_subject: 'visits.0.>',
    replay_policy: 'instant',
    ack_policy: 'explicit',
    ack_wait: 60 * s,
    max_ack_pending: 512,
    max_deliver: -1,
  }
  const changed = (change: object) => texts(consumerDeviations({ ...consumer, ...change } as never, consumer as never))
  t.deepEqual(
    changed({ max_waiting: 512, num_replicas: 3, description: 'x', headers_only: false, inactive_threshold: 0 }),
    [],
  )
  t.deepEqual(changed({ filter_subject: 'visits.1.>', headers_only: true, max_deliver: 5, backoff: [s] }), [
    'filter_subject is visits.1.>, not visits.0.>',
    'headers_only is true, not unset',
    'max_deliver is 5, not -1',
    'backoff is [1000000000], not unset',
  ])
  t.deepEqual(
    changed({
      deliver_subject: 'x',
      priority_policy: 'pinned_client',
      max_batch: 1,
      max_bytes: 1,
      max_expires: s,
      inactive_threshold: s,
    }),
    [
      'deliver_subject is x, not unset',
      'priority_policy is pinned_client, not unset',
      'max_batch is 1, not unset',
      'max_bytes is 1, not unset',
      'max_expires is 1 s, not unset',
      'inactive_threshold is 1 s, not unset',
    ],
  )
  t.deepEqual(
    changed({ ack_wait: s, max_ack_pending: 1, ack_policy: 'none', replay_policy: 'original', mem_storage: true }),
    [
      'replay_policy is original, not instant',
      'mem_storage is true, not unset',
      'ack_policy is none, not explicit',
      'ack_wait is 1 s, not 60 s',
      'max_ack_pending is 1, not 512',
    ],
  )
})

test('the bucket keeps leases for exactly their time, and lets owners remove them', t => {
  const bucket = {
    subjects: ['$KV.F.>'],
    retention: 'limits',
    max_age: 6 * s,
    max_msgs_per_subject: 1,
    allow_direct: true,
    num_replicas: 1,
  }
  const changed = (change: object) => texts(bucketDeviations({ ...bucket, ...change } as never, bucket as never))
  t.deepEqual(changed({ max_msgs_per_subject: 5, num_replicas: 3, description: 'x', allow_rollup_hdrs: true }), [])
  t.deepEqual(changed({ max_age: 7 * s, deny_purge: true, max_msgs: 2 }), [
    'max_age is 7 s, not 6 s',
    'max_msgs is 2, not unset',
    'deny_purge is true, not unset',
  ])
})

const refusal = new JetStreamApiError({ code: 500, err_code: 10_052, description: 'no' })
const deviation = (setting: string) => ({
  difference: setting,
  change: { [setting]: 1 },
  promise: 'p',
  refusesEvents: true,
})
const words = { object: 'stream VISITS', whenRestored: 'leave it', whenBroken: 'remove it' }

test('what deviates is changed back at once; a setting that the server refuses keeps no other from being restored', async t => {
  const asked: object[] = []
  const update = (refused: string) => async (change: object) => {
    asked.push(change)
    if (refused in change) throw refusal
  }
  const found = [deviation('a'), deviation('b'), deviation('c')]
  const outcomes = async (refused: string) =>
    (await applyChanges<Record<string, unknown>>(found, update(refused), words)).map(
      ({ difference, outcome, remedy, refusesEvents }) => [difference, outcome, remedy, refusesEvents].join(' '),
    )
  t.deepEqual(await outcomes('none'), [
    'a restored leave it false',
    'b restored leave it false',
    'c restored leave it false',
  ])
  t.deepEqual(asked.splice(0), [{ a: 1, b: 1, c: 1 }])
  t.deepEqual(await outcomes('b'), [
    'a restored leave it false',
    'b broken remove it true',
    'c restored leave it false',
  ])
  t.deepEqual(asked, [{ a: 1, b: 1, c: 1 }, { a: 1 }, { b: 1 }, { c: 1 }])
  t.deepEqual(await applyChanges([], () => Promise.reject(new Error('asked')), words), [])
  const silent = applyChanges<Record<string, unknown>>(found, () => Promise.reject(new Error('no answer')), words)
  await t.throwsAsync(silent, { message: 'no answer' }, 'a server that does not answer has not refused')
})

test('partitions with the same difference are named together', t => {
  const missing = restored('', { difference: 'is missing', promise: 'p' }, 'r')
  const paused = { ...missing, difference: 'is paused' }
  const found = inGroups('VISITS', [
    [0, [missing]],
    [3, [missing, paused]],
    [5, []],
  ])
  t.deepEqual(
    found.map(({ object, difference }) => `${object} ${difference}`),
    ['consumers partition-0, partition-3 of VISITS is missing', 'consumer partition-3 of VISITS is paused'],
  )
})

test('the numbers continue above all that the lost stream can have assigned', t => {
  const at = 1_000_000
  t.is(continueAfter({ sequence: 8, at }, at), 1_000_009)
  t.is(continueAfter({ sequence: 8, at }, at - 5_000), 1_000_009, 'a clock that is behind')
  t.is(continueAfter({ sequence: 8, at }, at + 100_000), 1_000_009)
  t.is(continueAfter({ sequence: 8, at }, at + 100_001), 1_010_009)
  t.true(Number.isSafeInteger(continueAfter({ sequence: 9e15 / 2, at }, at + 100 * 365 * 86_400_000)))
})
