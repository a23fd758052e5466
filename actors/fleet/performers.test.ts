import test, { type ExecutionContext } from 'ava'
import { NEVER, Subject } from 'rxjs'
import { settled } from '../../test/support/virtual-time.ts'
import { type FleetPorts, performFleet } from './performers.ts'
import type { FleetEffect, FleetMessage, LeaseStore, OpenPartition } from './protocol.ts'

/** Performs effects with a fake store; `calls` lists its requests, which stay open until the test answers them in order. */
const perform = (t: ExecutionContext, change: Partial<FleetPorts> = {}) => {
  const calls: string[] = []
  const troubles: unknown[] = []
  const messages: (FleetMessage | 'complete' | 'failed')[] = []
  const requests: PromiseWithResolvers<unknown>[] = []
  const opened = new Map<number, OpenPartition>()
  const time = { now: 1_000 }
  const ask =
    (name: string) =>
    (...args: readonly unknown[]): Promise<never> => {
      calls.push(`${name} ${JSON.stringify(args)}`)
      const request = Promise.withResolvers<unknown>()
      requests.push(request)
      return request.promise as Promise<never>
    }
  const leases: LeaseStore = {
    beat: ask('beat'),
    workers: ask('workers'),
    take: ask('take'),
    renew: ask('renew'),
    release: ask('release'),
    leave: ask('leave'),
    changes$: NEVER,
  }
  const effects$ = new Subject<FleetEffect>()
  const ports: FleetPorts = {
    leases,
    worker: 'a',
    partitions: 4,
    leaseMs: 6_000,
    open: () => ({ drain: async () => undefined }),
    clock: () => ({ now: time.now, chance: 0 }),
    onTrouble: error => void troubles.push(error),
    onChange: () => undefined,
    ...change,
  }
  const running = performFleet(
    ports,
    opened,
  )(effects$).subscribe({
    next: message => messages.push(message),
    complete: () => messages.push('complete'),
    error: () => messages.push('failed'),
  })
  t.teardown(() => running.unsubscribe())
  return {
    calls,
    troubles,
    messages,
    opened,
    time,
    effects$,
    do: async (...effects: readonly FleetEffect[]) => {
      effects.forEach(effect => effects$.next(effect))
      await settled()
    },
    answer: async (answer: unknown) => {
      requests.shift()?.resolve(answer)
      await settled()
    },
    refuse: async (error: unknown) => {
      requests.shift()?.reject(error)
      await settled()
    },
  }
}

test('a lease counts from the moment of the question, however late the answer comes', async t => {
  const fleet = perform(t)
  await fleet.do({ type: 'take', partition: 2 })
  fleet.time.now = 3_500
  await fleet.do({ type: 'renew', lease: { partition: 1, revision: 5 } })
  fleet.time.now = 4_000
  await fleet.answer({ partition: 2, revision: 9 })
  await fleet.answer(null)
  t.deepEqual(fleet.calls, ['take [2,"a"]', 'renew [{"partition":1,"revision":5},"a"]'])
  t.deepEqual(fleet.messages, [
    { type: 'taken', partition: 2, lease: { partition: 2, revision: 9 }, sentAt: 1_000 },
    { type: 'renewed', partition: 1, lease: null, sentAt: 3_500 },
  ])
})

test('the live workers are read after the own heartbeat is written, and leaving waits for the last heartbeat', async t => {
  const fleet = perform(t)
  await fleet.do({ type: 'beat' }, { type: 'leave' })
  t.deepEqual(fleet.calls, ['beat ["a"]'])
  await fleet.answer(undefined)
  t.deepEqual(fleet.calls, ['beat ["a"]', 'workers []'])
  await fleet.answer(['a', 'b'])
  t.deepEqual(fleet.messages, [{ type: 'workersRead', workers: ['a', 'b'] }])
  t.deepEqual(fleet.calls.slice(2), ['leave ["a"]'])
  await fleet.answer(undefined)
  t.is(fleet.messages.length, 1)
})

test('requests for different leases do not wait for one another', async t => {
  const fleet = perform(t)
  const lease = (partition: number) => ({ partition, revision: 1 })
  await fleet.do({ type: 'take', partition: 0 }, { type: 'take', partition: 1 })
  await fleet.do({ type: 'renew', lease: lease(2) }, { type: 'renew', lease: lease(3) })
  await fleet.do({ type: 'release', lease: lease(4) }, { type: 'release', lease: lease(5) })
  t.is(fleet.calls.length, 6)
  t.deepEqual(fleet.calls.slice(4), [
    'release [{"partition":4,"revision":1}]',
    'release [{"partition":5,"revision":1}]',
  ])
})

test('a request without an answer is reported as unanswered, and the next ones are made all the same', async t => {
  const fleet = perform(t)
  const lease = { partition: 3, revision: 1 }
  for (const effect of [
    { type: 'beat' },
    { type: 'take', partition: 2 },
    { type: 'renew', lease },
    { type: 'release', lease },
    { type: 'leave' },
    { type: 'beat' },
  ] as const) {
    await fleet.do(effect)
    await fleet.refuse('away')
  }
  t.deepEqual(fleet.messages, [
    { type: 'unanswered', partition: null },
    { type: 'unanswered', partition: 2 },
    { type: 'unanswered', partition: 3 },
    { type: 'unanswered', partition: null },
  ])
})

test('while NATS is away its errors are reported once in a lease time', async t => {
  const fleet = perform(t)
  for (const now of [1_000, 1_000, 6_999, 7_000, 12_999, 13_000]) {
    fleet.time.now = now
    await fleet.do({ type: 'beat' })
    await fleet.refuse(now)
  }
  t.deepEqual(fleet.troubles, [1_000, 7_000, 13_000])
})

test('a partition is opened once its lease is there, and drained before that is reported', async t => {
  const drained = Promise.withResolvers<void>()
  const opened: number[] = []
  const fleet = perform(t, {
    open: partition => {
      opened.push(partition)
      return { drain: () => drained.promise }
    },
  })
  await fleet.do({ type: 'open', partition: 2 })
  t.deepEqual(opened, [2])
  await fleet.do({ type: 'drainPartition', partition: 2 })
  t.deepEqual(fleet.messages, [])
  t.true(fleet.opened.has(2))
  drained.resolve()
  await settled()
  t.deepEqual(fleet.messages, [{ type: 'drained', partition: 2 }])
  t.false(fleet.opened.has(2))
})

test('partitions drain beside one another', async t => {
  const draining: number[] = []
  const fleet = perform(t, {
    open: partition => ({ drain: () => (draining.push(partition), new Promise<void>(() => undefined)) }),
  })
  await fleet.do({ type: 'open', partition: 0 }, { type: 'open', partition: 1 })
  await fleet.do({ type: 'drainPartition', partition: 0 }, { type: 'drainPartition', partition: 1 })
  t.deepEqual(draining, [0, 1])
})

test('a partition that cannot be opened, cannot be drained, or was never opened is given up, with a report', async t => {
  const fleet = perform(t, {
    open: partition => {
      if (partition === 0) throw new Error('no')
      return { drain: () => Promise.reject(new Error('stuck')) }
    },
  })
  await fleet.do({ type: 'open', partition: 0 }, { type: 'open', partition: 1 })
  t.deepEqual(fleet.messages, [{ type: 'drained', partition: 0 }])
  t.false(fleet.opened.has(0))
  await fleet.do({ type: 'drainPartition', partition: 1 }, { type: 'drainPartition', partition: 3 })
  t.deepEqual(
    fleet.messages.slice(1).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    [
      { type: 'drained', partition: 1 },
      { type: 'drained', partition: 3 },
    ],
  )
  t.false(fleet.opened.has(1))
  t.deepEqual(
    fleet.troubles.map(error => (error as Error).message),
    ['no', 'stuck'],
  )
})

test('when no more effects come, the performers end with the last answer', async t => {
  const fleet = perform(t)
  await fleet.do({ type: 'take', partition: 2 })
  fleet.effects$.complete()
  t.deepEqual(fleet.messages, [])
  await fleet.answer(null)
  t.is(fleet.messages.at(-1), 'complete')
})
