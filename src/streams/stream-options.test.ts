import test from 'ava'
import {
  connectProcess,
  freshNames,
  publication,
  rawConnection,
  startStream,
  streamOptions,
} from '../../test/support/test-stream.ts'
import { streamConfig, type StreamOptions } from './stream-config.ts'
import { ensureStream } from './stream.ts'

const s = 1_000_000_000
const day = 86_400 * s
type Config = Readonly<Record<string, unknown>>

const readBack = (of: Config, expected: Config) => Object.fromEntries(Object.keys(expected).map(key => [key, of[key]]))

const streamTable = (root: string): Config => ({
  subjects: [`${root}.in.*.>`],
  subject_transform: { src: `${root}.in.*.>`, dest: `${root}.{{partition(20,1)}}.{{wildcard(1)}}.>` },
  storage: 'file',
  retention: 'limits',
  // A full stream refuses new events; it drops none that it accepted.
  discard: 'new',
  max_age: 9 * day,
  max_bytes: 50_000_000,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  // The server's own limit of a message, 1 MiB, is above the largest event.
  max_msg_size: -1,
  duplicate_window: 900 * s,
  num_replicas: 1,
  // History and erasure read single messages; group commit needs atomic batches.
  allow_direct: true,
  allow_atomic: true,
  max_consumers: 2_000,
})

const consumerTable = (root: string, partition: number): Config => ({
  durable_name: `partition-${partition}`,
  filter_subject: `${root}.${partition}.>`,
  ack_policy: 'explicit',
  ack_wait: 45 * s,
  // A message is offered until its rows are durable, however often that fails.
  max_deliver: -1,
  max_ack_pending: 77,
  deliver_policy: 'all',
  // As many as the stream has.
  num_replicas: 0,
})

const bucketTable = (stream: string): Config => ({
  subjects: [`$KV.${stream}_FLEET.>`],
  storage: 'file',
  max_age: 6 * s,
  max_msgs_per_subject: 1,
  num_replicas: 1,
})

const options = { partitions: 20, keepMs: 9 * 86_400_000, maxBytes: 50_000_000, ackWaitMs: 45_000, window: 77 }

test('the server has the options that the stream, its consumers and the leases rely on', async t => {
  const { manager, stream } = await startStream(t, options)
  const { config } = await manager.streams.info(stream)
  t.deepEqual(readBack(config as unknown as Config, streamTable(stream)), streamTable(stream))
  const found: number[] = []
  for await (const consumer of manager.consumers.list(stream)) {
    const partition = Number(consumer.name.replace('partition-', ''))
    found.push(partition)
    const expected = consumerTable(stream, partition)
    t.deepEqual(readBack(consumer.config as unknown as Config, expected), expected)
  }
  t.deepEqual(
    found.toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, partition) => partition),
  )
  const bucket = await manager.streams.info(`KV_${stream}_FLEET`)
  t.deepEqual(readBack(bucket.config as unknown as Config, bucketTable(stream)), bucketTable(stream))
})

/** What a process does at its start. */
const startWith = async (
  { streams }: Pick<Awaited<ReturnType<typeof startStream>>, 'streams'>,
  wanted: StreamOptions,
) => {
  await streams.ensure(wanted)
  for (const { check } of streams.requirements(wanted)) await check()
}

test('other settings reach what exists at the next start, without a loss', async t => {
  const { streams, manager, stream } = await startStream(t)
  const { sequence } = await streams.publish(publication('evt-1'))
  const changed = { keepMs: 86_400_000, ackWaitMs: 20_000, window: 5, leaseMs: 2_000 }
  await startWith({ streams }, { ...streamOptions, ...changed })
  const { config, state } = await manager.streams.info(stream)
  t.deepEqual([config.max_age, config.max_bytes, state.messages], [day, -1, 1])
  const consumer = await manager.consumers.info(stream, 'partition-0')
  t.like(consumer.config, { ack_wait: 20 * s, max_ack_pending: 5, max_deliver: -1 })
  // The server refuses a duplicate window that is longer than the age limit.
  const bucket = await manager.streams.info(`KV_${stream}_FLEET`)
  t.like(bucket.config, { max_age: 2 * s, duplicate_window: 2 * s, max_msgs_per_subject: 1 })
  t.is(await streams.read(sequence), '{"id":"evt-1"}')
  await startWith({ streams }, { ...streamOptions, leaseMs: 4_000 })
  const longer = await manager.streams.info(`KV_${stream}_FLEET`)
  t.like(longer.config, { max_age: 4 * s, duplicate_window: 2 * s })
})

/** Leases that are always free: a server without a cluster refuses replicas, so the real ones would fail first. */
const ensuring = {
  log: { info: () => undefined },
  leases: {
    exclusively: <T>(work: (renew: () => Promise<void>) => Promise<T>) => work(async () => undefined),
    workers: async () => [],
  },
}
const direct = <T>(requests: () => Promise<T>) => requests()

test('the stream and the leases are asked for with as many replicas as are set, new ones and existing ones', async t => {
  const { tap, manager, connection } = await rawConnection(t)
  const names = freshNames()
  const { streams } = await connectProcess(t, { names })
  const api = [names.stream, `KV_${names.stream}_FLEET`].flatMap(name => [`CREATE.${name}`, `UPDATE.${name}`])
  const asked = await Promise.all(api.map(subject => tap(`$JS.API.STREAM.${subject}`)))
  const three = { ...streamOptions, replicas: 3 }
  const access = { connection, manager, names, answered: direct, doubt: () => undefined }
  const refusals = [() => ensureStream(access, ensuring, three), () => streams.leases(three)]
  for (const refused of refusals) await t.throwsAsync(refused)
  await streams.ensure(streamOptions)
  const broken: string[] = []
  for (const { check } of streams.requirements(three))
    broken.push(...(await check()).map(({ object, difference, outcome }) => `${object} ${difference}: ${outcome}`))
  t.deepEqual(broken, [
    `bucket ${names.stream}_FLEET num_replicas is 1, not 3: broken`,
    `stream ${names.stream} num_replicas is 1, not 3: broken`,
  ])
  const replicasOf = async (requests: (typeof asked)[number]) =>
    (await requests()).map(request => request.json<Config>()['num_replicas'])
  t.deepEqual(await Promise.all(asked.map(replicasOf)), [[3, 1], [3], [3, 1], [3, 3]])
})

test('a stream has room for twice as many consumers as partitions', t => {
  for (const [partitions, consumers] of [
    [16, 2_000],
    [1_000, 2_000],
    [1_001, 2_002],
  ] as const)
    t.is(streamConfig(freshNames(), { ...streamOptions, partitions }).max_consumers, consumers)
})
