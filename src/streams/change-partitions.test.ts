import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { publication, startStream, streamOptions } from '../../test/support/test-stream.ts'
import { until } from '../../test/support/until.ts'
import { partitionOf } from '../domain/partition.ts'
import { type Change, changePartitions } from './change-partitions.ts'
import { closedMapping, mappingTo } from './mapping.ts'
import { partitionOfConsumer } from './names.ts'
import type { StreamOptions } from './stream-config.ts'

/** Where nothing is published during a change, nothing has to settle. */
const settled = async () => undefined
const tenants = Array.from({ length: 24 }, (_, n) => `tenant-${n}`)

/** A stream with this many partitions, and the tools to examine it. */
const streamOf = async (t: ExecutionContext, partitions: number) => {
  const { streams, manager, names, stream: name, lines } = await startStream(t, { partitions })
  const ensure = (to: number, more: Partial<StreamOptions> = {}) =>
    streams.ensure({ ...streamOptions, partitions: to, wait: settled, ...more })
  const publish = (id: string, tenant: string) => streams.publish(publication(id, tenant))
  const publishAll = (id: string) => Promise.all(tenants.map(tenant => publish(`${id}-${tenant}`, tenant)))
  const consumers = async () => {
    const found: number[] = []
    for await (const each of manager.consumers.list(name)) found.push(partitionOfConsumer(each.name) ?? -1)
    return found.toSorted((a, b) => a - b)
  }
  /** Processes everything that waits. Returns the ids of what arrived, in order. */
  const workOn = async (number: number) => {
    const came: string[] = []
    for (let partition = 0; partition < number; partition += 1) {
      const feed = streams.feed(partition, 100)
      const following = feed.messages$.subscribe(message => {
        if (partitionOf(message.tenant, number) !== message.partition) t.fail(`${message.tenant} came in ${partition}`)
        came.push((JSON.parse(message.text()) as { id: string }).id)
        message.ack()
      })
      // During the reset at the start, the consumer may report that nothing waits.
      await feed.nothingInHand
      const waits = async () => {
        const [state] = await streams.consumerStates([partition])
        return state === undefined || state.pending + state.ackPending > 0
      }
      await until(async () => !(await waits()))
      await feed.stop()
      following.unsubscribe()
    }
    return came.toSorted()
  }
  const history = async (tenant: string) => {
    const found = await streams.history({ tenant, from: 0, after: null, limit: 100 })
    return found.map(({ text }) => (JSON.parse(text) as { id: string }).id)
  }
  return { streams, manager, name, names, lines, ensure, publish, publishAll, consumers, workOn, history }
}
const ids = (...rounds: string[]) => rounds.flatMap(round => tenants.map(tenant => `${round}-${tenant}`)).toSorted()

for (const [from, to] of [
  [16, 4],
  [4, 16],
] as const)
  test(`from ${from} to ${to}: processed messages do not arrive again, later ones arrive once, and the history has both`, async t => {
    const { streams, ensure, publishAll, consumers, workOn, history, lines } = await streamOf(t, from)
    await publishAll('before')
    t.deepEqual(await workOn(from), ids('before'))
    await ensure(to)
    t.deepEqual(lines, [['info', { from, to }, 'the number of partitions was changed']])
    t.deepEqual(
      await consumers(),
      Array.from({ length: to }, (_, partition) => partition),
    )
    await publishAll('after')
    await ensure(to)
    t.deepEqual(await workOn(to), ids('after'))
    for (const tenant of tenants) t.deepEqual(await history(tenant), [`before-${tenant}`, `after-${tenant}`])
    for (const tenant of tenants)
      t.is(await streams.purgeBefore(tenant, partitionOf(tenant, to), Date.now() + 1_000), 2, tenant)
    t.is((await streams.state()).messages, 0)
  })

test('retention removes messages that were stored under another number, even in a partition without later messages', async t => {
  const { streams, ensure, publishAll, workOn, publish, history } = await streamOf(t, 16)
  // A tenant of a consumer that is removed: the tenant's next consumer has acknowledged nothing as late as these messages.
  const tenant = tenants.find(each => partitionOf(each, 16) >= 4) ?? ''
  await publishAll('before')
  await publish('last', tenant)
  await workOn(16)
  await ensure(4)
  const removed = () => streams.purgeBefore(tenant, partitionOf(tenant, 4), Date.now() + 1_000)
  t.is(await removed(), 2)
  await publish('after', tenant)
  t.is(await removed(), 0, 'an unprocessed message stays')
  t.deepEqual(await history(tenant), ['after'])
})

test('after a change and its reversal, new consumers start behind the existing messages', async t => {
  const { ensure, publishAll, workOn } = await streamOf(t, 16)
  await publishAll('a')
  await workOn(16)
  await ensure(4)
  await publishAll('b')
  t.deepEqual(await workOn(4), ids('b'))
  const error = await t.throwsAsync(ensure(16), { code: 'invalid_settings' })
  t.regex(error?.message ?? '', /changed from 16 to 4 .* still has 16: set DOORBELL_PARTITIONS=4/)
  await ensure(16, { now: () => Date.now() + 11 * 60_000 })
  await publishAll('c')
  t.deepEqual(await workOn(16), ids('c'))
})

test('while a message waits the change is refused, and nothing changes', async t => {
  const { streams, ensure, publish, workOn } = await streamOf(t, 16)
  await publish('evt-1', 'acme')
  const message = new RegExp(`1 in partition ${partitionOf('acme', 16)}`)
  await t.throwsAsync(ensure(4), { code: 'invalid_settings', message })
  t.deepEqual(await workOn(16), ['evt-1'])
  const leases = await streams.leases({ leaseMs: 60_000, replicas: 1 })
  await leases.beat('worker-a')
  let now = 0
  const later = { leaseMs: 60_000, now: () => (now += 40_000) }
  await t.throwsAsync(ensure(4, later), { code: 'invalid_settings', message: /workers run \(worker-a\)/ })
  await publish('evt-2', 'acme')
  t.deepEqual(await workOn(16), ['evt-2'])
  await leases.leave('worker-a')
  await ensure(4)
  await t.throwsAsync(streams.assertPartitions(16), { code: 'invalid_settings' })
  await t.notThrowsAsync(streams.assertPartitions(4))
})

test('two processes that start at the same time with the new number both succeed', async t => {
  const { ensure, publishAll, workOn, lines } = await streamOf(t, 4)
  await Promise.all([ensure(8), ensure(8)])
  t.is(lines.length, 1)
  await publishAll('after')
  t.deepEqual(await workOn(8), ids('after'))
})

test('every event that is accepted during the change arrives once, in its tenant’s partition', async t => {
  const { streams, ensure, publish, workOn, history } = await streamOf(t, 16)
  const accepted: string[] = []
  const refused = new Set<string>()
  let changing = true
  t.teardown(() => (changing = false))
  const post = async (tenant: string) => {
    for (let n = 0; changing; n += 1) {
      const id = `${tenant}-${n}`
      await publish(id, tenant).then(
        () => accepted.push(id),
        (error: { code: string }) => refused.add(error.code),
      )
    }
  }
  // Starts once the stream is closed: earlier events would wait, and the change would be refused.
  const watching = (async () => {
    await until(() =>
      streams.assertPartitions(16).then(
        () => false,
        () => true,
      ),
    )
    await Promise.all(tenants.slice(0, 4).map(post))
  })()
  await ensure(4, { wait: delay })
  await until(() => accepted.length >= 50)
  changing = false
  await watching
  t.deepEqual([...refused], ['streams_unavailable'], 'the stream was closed for a moment')
  t.deepEqual(await workOn(4), accepted.toSorted())
  t.true((await history('tenant-0')).length > 0)
})

test('a start that was killed in the middle is completed by the next one, with the new number or the old', async t => {
  const { streams, manager, name, names, ensure, publish, publishAll, consumers, workOn } = await streamOf(t, 4)
  await publishAll('before')
  await workOn(4)
  // Killed after it closed the stream.
  await manager.streams.update(name, closedMapping(names))
  await t.throwsAsync(publish('closed', 'acme'), { code: 'streams_unavailable' })
  await t.throwsAsync(streams.assertPartitions(4), { code: 'invalid_settings' }, 'a worker ends')
  await ensure(4)
  await publish('evt-1', 'acme')
  await manager.streams.update(name, closedMapping(names))
  await t.throwsAsync(ensure(16), { code: 'invalid_settings', message: /1 in partition/ })
  t.deepEqual(await workOn(4), ['evt-1'], 'it is open again')
  await manager.streams.update(name, closedMapping(names))
  await ensure(16)

  // Killed before it created its consumers, while the API accepts events.
  for (let partition = 4; partition < 16; partition += 1) await manager.consumers.delete(name, `partition-${partition}`)
  await publishAll('after')
  await t.throwsAsync(ensure(32), { code: 'invalid_settings', message: /messages wait/ }, 'they count as waiting')
  t.deepEqual(await workOn(16), ids('after'))

  // Killed before it removed surplus consumers.
  await ensure(8)
  await manager.consumers.add(name, { durable_name: 'partition-9', filter_subject: `${name}.9.>` })
  await ensure(8)
  t.is((await consumers()).length, 8)
})

/** A change from two partitions to four, with its steps. At each look, the second partition has this many messages in hand. */
const changeWith = async (...inHand: readonly number[]) => {
  const names = { stream: 'visits', root: 'visits' }
  const steps: string[] = []
  let looks = 0
  const found = await changePartitions({
    manager: {
      consumers: {
        info: async (_stream: string, name: string) => ({
          num_pending: 0,
          num_ack_pending: name === 'partition-1' ? inHand[looks] : 0,
        }),
      },
      streams: {
        info: async () => ({ state: { last_seq: 7 }, config: {} }),
        update: async (_stream: string, { subjects }: { readonly subjects: readonly string[] }) =>
          void steps.push(`accept ${subjects.join()}`),
      },
    } as unknown as Change['manager'],
    names,
    mapping: { partitions: 2, isOpen: true, since: 0, before: null },
    config: mappingTo(names, 4),
    to: 4,
    workers: async () => (steps.push('look'), (looks += 1), []),
    renewLock: async () => void steps.push('renew the lock'),
    now: () => 1_000,
    wait: async forMs => void steps.push(`wait ${forMs} ms`),
  })
  return { found, steps }
}

test('a change closes the stream, waits for what was accepted, looks again, and makes sure of its lock before its last step', async t => {
  const closed = ['look', 'accept visits_closed', 'wait 1000 ms', 'look', 'renew the lock', 'accept visits.in.*.>']
  t.deepEqual(await changeWith(0, 0), { found: null, steps: closed })
  const hindrance = { from: 2, waiting: [{ partition: 1, messages: 3 }], workers: [] }
  t.deepEqual(
    await changeWith(3),
    { found: hindrance, steps: ['look'] },
    'a message that a worker had in hand waits too',
  )
  t.deepEqual(await changeWith(0, 3), { found: hindrance, steps: closed }, 'the stream is open again')
})
