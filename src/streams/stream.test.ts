import { setImmediate as turn } from 'node:timers/promises'
import { type ConsumerConfig, JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream'
import test from 'ava'
import { streamOptions } from '../../test/support/test-stream.ts'
import type { Failure } from '../domain/failure.ts'
import { closedMapping, mappingTo, metadataOfChange } from './mapping.ts'
import { assertPartitions, ensureStream } from './stream.ts'

const names = { stream: 'VISITS', root: 'visits' }
const start = Date.parse('2026-03-02T09:00:00Z')
const minute = 60_000

const missing = (err_code: number) => new JetStreamApiError({ code: 404, err_code, description: 'not found' })

interface Setting {
  /** The number of partitions; null: there is no stream. */
  readonly partitions: number | null
  readonly isOpen?: boolean
  readonly metadata?: Record<string, string>
  readonly consumers?: readonly string[]
  /** Messages of each partition that are not delivered, and that are delivered but not acknowledged. */
  readonly pending?: Record<number, readonly [number, number]>
  readonly workers?: readonly string[]
}

/** A server with one stream, and a clock that moves only while the code waits. `steps` are what it was asked to change, and what was waited for. */
const fakeServer = ({ partitions, isOpen = true, metadata = {}, ...setting }: Setting) => {
  const steps: string[] = []
  const pending = { ...setting.pending }
  let workers = [...(setting.workers ?? [])]
  let time = start
  let config: Partial<StreamConfig> | null = null
  if (partitions !== null)
    config = { ...mappingTo(names, partitions), metadata, ...(isOpen ? {} : closedMapping(names)) }
  const consumers = new Map<string, Partial<ConsumerConfig>>(
    (setting.consumers ?? Array.from({ length: partitions ?? 0 }, (_, n) => `partition-${n}`)).map(name => [name, {}]),
  )
  const show = ({ subjects, subject_transform, metadata: kept, max_age }: Partial<StreamConfig>) =>
    [
      `subjects ${subjects?.join()}`,
      ...(subject_transform === undefined ? [] : [`to ${/\((\d+),/.exec(subject_transform.dest)?.[1]}`]),
      ...(max_age === undefined ? [] : ['whole']),
      ...(kept === undefined ? [] : [JSON.stringify(kept)]),
    ].join(', ')
  const onUpdate: (() => void)[] = []
  const onWait: (() => void)[] = []
  const manager = {
    streams: {
      info: async (name: string) => {
        if (config === null || name !== names.stream) throw missing(10_059)
        return { config: structuredClone(config), state: { last_seq: 41 } }
      },
      add: async (wanted: Partial<StreamConfig>) => {
        await turn()
        steps.push(`add ${show(wanted)}`)
        config = { ...wanted }
      },
      update: async (_: string, part: Partial<StreamConfig>) => {
        await turn()
        steps.push(`update ${show(part)}`)
        config = { ...config, ...part }
        onUpdate.shift()?.()
      },
    },
    consumers: {
      info: async (_: string, name: string) => {
        const found = consumers.get(name)
        if (found === undefined) throw missing(10_014)
        const [num_pending, num_ack_pending] = pending[Number(name.split('-')[1])] ?? [0, 0]
        return { num_pending, num_ack_pending }
      },
      add: async (_: string, wanted: Partial<ConsumerConfig>) => {
        await turn()
        consumers.set(wanted.durable_name ?? '', wanted)
        steps.push(`consumer ${wanted.durable_name} from ${wanted.opt_start_seq ?? 'the first'}`)
      },
      update: async (_: string, name: string, wanted: Partial<ConsumerConfig>) => {
        await turn()
        consumers.set(name, wanted)
      },
      delete: async (_: string, name: string) => {
        await turn()
        consumers.delete(name)
        steps.push(`remove ${name}`)
      },
      list: async function* () {
        for (const name of consumers.keys()) yield { name }
      },
    },
  } as unknown as JetStreamManager
  const lines: object[] = []
  let locks = 0
  let renewals = 0
  let lost = Number.POSITIVE_INFINITY
  const access = {
    manager,
    names,
    connection: null as never,
    answered: <T>(ask: () => Promise<T>) => ask(),
    doubt: () => undefined,
  }
  const ensuring = {
    log: { info: (fields: object) => void lines.push(fields) },
    leases: {
      workers: async () => workers,
      exclusively: async <T>(work: (renew: () => Promise<void>) => Promise<T>) => {
        locks += 1
        return work(async () => {
          await turn()
          renewals += 1
          if (renewals > lost) throw new Error('the lock was lost')
        })
      },
    },
  }
  const wait = async (forMs: number) => {
    await turn()
    steps.push(`wait ${forMs}`)
    time += forMs
    onWait.shift()?.()
  }
  return {
    steps,
    lines,
    pending,
    onUpdate,
    onWait,
    ensure: (to: number) => ensureStream(access, ensuring, { ...streamOptions, partitions: to, now: () => time, wait }),
    assertPartitions: (expected: number) => assertPartitions(access, expected),
    consumers: () => [...consumers.keys()],
    consumer: (name: string) => consumers.get(name),
    leave: () => void (workers = []),
    pass: (ms: number) => void (time += ms),
    locks: () => locks,
    waits: () => steps.filter(step => step.startsWith('wait')),
    loseLockAfter: (count: number) => void (lost = count),
  }
}

test('a first start creates the stream, then a consumer for each partition', async t => {
  const { ensure, steps, lines } = fakeServer({ partitions: null })
  await ensure(2)
  t.deepEqual(steps, [
    'add subjects visits.in.*.>, to 2, whole',
    'consumer partition-0 from the first',
    'consumer partition-1 from the first',
  ])
  t.deepEqual(lines, [])
})

test('a later start opens the stream, and completes what a killed one left', async t => {
  const metadata = metadataOfChange(30, 4, start - minute)
  const { ensure, steps, consumers } = fakeServer({
    partitions: 2,
    isOpen: false,
    metadata,
    consumers: ['partition-0', 'partition-2', 'partition-3', 'copy', 'partition-1-copy'],
  })
  await ensure(2)
  t.deepEqual(steps, [
    'update subjects visits.in.*.>, to 2',
    'consumer partition-1 from 31',
    'remove partition-2',
    'remove partition-3',
  ])
  t.deepEqual(consumers(), ['partition-0', 'copy', 'partition-1-copy', 'partition-1'])
})

test('the number changes while the stream is closed, after what is under way has settled', async t => {
  const { ensure, steps, lines } = fakeServer({ partitions: 2, metadata: { kept: 'yes' } })
  await ensure(4)
  const changedAt = new Date(start + 1_000).toISOString()
  const metadata = {
    kept: 'yes',
    doorbell_partitions_since: '41',
    doorbell_partitions_before: '2',
    doorbell_partitions_changed_at: changedAt,
  }
  t.deepEqual(steps, [
    'update subjects visits_closed',
    'wait 1000',
    `update subjects visits.in.*.>, to 4, whole, ${JSON.stringify(metadata)}`,
    'consumer partition-2 from 42',
    'consumer partition-3 from 42',
  ])
  t.deepEqual(lines, [{ from: 2, to: 4 }])
})

test('consumers that a killed start left out are created first, since the messages of their partitions wait', async t => {
  const { ensure, steps, consumers } = fakeServer({ partitions: 2, consumers: ['partition-0'] })
  await ensure(1)
  t.is(steps[0], 'consumer partition-1 from the first')
  t.deepEqual(consumers(), ['partition-0'])
})

for (const [title, pending] of [
  ['undelivered', { 1: [2, 0] }],
  ['in hand', { 1: [0, 2] }],
  ['some of each', { 1: [1, 1] }],
] as const)
  test(`while messages wait (${title}) the change is refused at once, and nothing changes`, async t => {
    const { ensure, steps, locks } = fakeServer({ partitions: 2, pending })
    const error = await t.throwsAsync(ensure(4), { code: 'invalid_settings' })
    t.true(error?.message.includes('has 2 partitions, and this process is set to 4'), error?.message)
    t.true(
      error?.message.includes('but messages wait (2 in partition 1). Either set DOORBELL_PARTITIONS=2, or'),
      error?.message,
    )
    t.true(
      error?.message.endsWith(
        'let workers with 2 partitions empty the stream, stop all workers, then start all processes with 4.',
      ),
    )
    t.deepEqual([steps, locks()], [[], 1])
  })

test('a stream that a killed start left closed is opened again when the change is refused', async t => {
  const { ensure, steps } = fakeServer({ partitions: 2, isOpen: false, pending: { 0: [1, 0] } })
  await t.throwsAsync(ensure(4), { code: 'invalid_settings' })
  t.deepEqual(steps, ['update subjects visits.in.*.>, to 2'])
})

test('a message that was accepted just before the stream closed stops the change', async t => {
  const { ensure, steps, onUpdate, pending } = fakeServer({ partitions: 2 })
  onUpdate.push(() => (pending[0] = [1, 0]))
  await t.throwsAsync(ensure(4), { message: /messages wait \(1 in partition 0\)/ })
  t.deepEqual(steps, ['update subjects visits_closed', 'wait 1000', 'update subjects visits.in.*.>, to 2'])
})

test('who lost the lock while the stream was closed changes nothing more', async t => {
  const { ensure, steps, loseLockAfter } = fakeServer({ partitions: 2 })
  loseLockAfter(0)
  await t.throwsAsync(ensure(4), { message: 'the lock was lost' })
  t.deepEqual(steps, ['update subjects visits_closed', 'wait 1000'])
})

test('while workers run the start waits as long as a killed one counts as running, and a second', async t => {
  const { ensure, steps, waits, locks } = fakeServer({ partitions: 2, workers: ['worker-a', 'worker-b'] })
  const error = await t.throwsAsync(ensure(4), { code: 'invalid_settings' })
  t.regex(error?.message ?? '', /but workers run \(worker-a, worker-b\)\. Either/)
  t.deepEqual(new Set(steps), new Set(['wait 250']))
  t.is(waits().length, (6_000 + 1_000) / 250 + 1)
  t.is(locks(), waits().length + 1, 'another process may get the lock between two looks')
})

test('a change that only a killed worker delays succeeds once the server drops its heartbeat', async t => {
  const { ensure, onWait, leave, waits, lines } = fakeServer({ partitions: 2, workers: ['killed'] })
  onWait.push(() => undefined, leave)
  await ensure(4)
  t.deepEqual(waits(), ['wait 250', 'wait 250', 'wait 1000'])
  t.deepEqual(lines, [{ from: 2, to: 4 }])
})

test('messages and workers are both named', async t => {
  const { ensure } = fakeServer({ partitions: 2, workers: ['a'], pending: { 0: [1, 0], 1: [3, 1] } })
  await t.throwsAsync(ensure(4), {
    message: /but messages wait \(1 in partition 0, 4 in partition 1\) and workers run \(a\)\./,
  })
})

test('for ten minutes after a change, a process with the previous number is refused, with the time when it may return', async t => {
  const changedAt = start - 10 * minute
  const setting = { partitions: 4, metadata: metadataOfChange(41, 2, changedAt) }
  const { ensure, steps, pass } = fakeServer(setting)
  const error = await t.throwsAsync<Failure>(ensure(2), { code: 'invalid_settings' })
  t.true(
    error?.message.includes(`was changed from 2 to 4 partitions at ${new Date(changedAt).toISOString()}`),
    error?.message,
  )
  t.true(error?.message.includes('still has 2: set DOORBELL_PARTITIONS=4'), error?.message)
  t.true(error?.message.includes(`start with it after ${new Date(start).toISOString()}`), error?.message)
  t.deepEqual(steps, [])
  pass(1)
  await t.notThrowsAsync(ensure(2))
  await t.notThrowsAsync(fakeServer(setting).ensure(3), 'any other number may follow at once')
})

test('a stream with a mapping that this version does not know is left as it is', async t => {
  const { ensure, steps, onUpdate } = fakeServer({ partitions: Number.NaN })
  await t.throwsAsync(ensure(2), {
    code: 'invalid_settings',
    message: /maps its subjects to visits\.\{\{partition\(NaN,1\)/,
  })
  t.deepEqual([steps, onUpdate], [[], []])
})

for (const [title, setting, expected, message] of [
  ['is set', { partitions: 4 }, 4, null],
  ['was changed', { partitions: 4 }, 2, /has changed the stream to 4/],
  ['is changing', { partitions: 4, isOpen: false }, 4, /is changing the stream/],
] as const)
  test(`a worker ends unless the stream has its number of partitions: it ${title}`, async t => {
    const { assertPartitions: assert } = fakeServer(setting)
    if (message === null) await t.notThrowsAsync(assert(expected))
    else {
      const error = await t.throwsAsync(assert(expected), { code: 'invalid_settings', message })
      t.true(error?.message.startsWith(`This process is set to ${expected} partitions`))
    }
  })

test('consumers are created sixteen at a time, each group under the lock', async t => {
  const { ensure, steps, loseLockAfter } = fakeServer({ partitions: null })
  loseLockAfter(2)
  await t.throwsAsync(ensure(40), { message: 'the lock was lost' })
  t.is(steps.filter(step => step.startsWith('consumer')).length, 32)
})
