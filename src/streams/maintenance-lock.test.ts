import { setImmediate as turn } from 'node:timers/promises'
import test from 'ava'
import { createMaintenanceLock } from './maintenance-lock.ts'

/** A bucket with one key, and a clock that moves only while the lock waits. */
const fakeBucket = () => {
  let revision = 0
  let held = 0
  let time = 1_000
  const waits: number[] = []
  const onWait: (() => void)[] = []
  const overtaken = new Error('wrong last sequence')
  const kv = {
    create: async (key: string) => {
      if (key !== 'turn' || held !== 0) throw overtaken
      return (held = revision += 1)
    },
    update: async (key: string, _: unknown, from: number) => {
      if (key !== 'turn' || held !== from) throw overtaken
      return (held = revision += 1)
    },
  }
  const removed: (readonly [string, number])[] = []
  const ports = {
    kv,
    unlessOvertaken: (write: () => Promise<number>) =>
      write().catch((error: unknown) => {
        if (error === overtaken) return null
        throw error
      }),
    remove: async (key: string, upTo: number) => {
      await turn()
      removed.push([key, upTo])
      if (held === upTo) held = 0
    },
    now: () => time,
    wait: async (forMs: number) => {
      await turn()
      waits.push(forMs)
      time += forMs
      onWait.shift()?.()
    },
  }
  return {
    ports,
    waits,
    onWait,
    removed,
    overtake: () => (held = revision += 1),
    free: () => void (held = 0),
    isHeld: () => held !== 0,
  }
}

test('work runs in one process at a time: the next one waits, and begins when the first has ended', async t => {
  const bucket = fakeBucket()
  const [first, second] = [createMaintenanceLock(bucket.ports), createMaintenanceLock(bucket.ports)]
  const gate = Promise.withResolvers<string>()
  const order: string[] = []
  bucket.onWait.push(() => gate.resolve('one'))
  const one = first(async () => {
    order.push('one begins')
    await gate.promise
    order.push('one ends')
    return 'one'
  })
  const two = second(async () => {
    order.push('two begins')
    return 'two'
  })
  t.deepEqual(await Promise.all([one, two]), ['one', 'two'])
  t.deepEqual(order, ['one begins', 'one ends', 'two begins'])
  t.true(bucket.waits.every(forMs => forMs === 100))
  t.false(bucket.isHeld())
})

test('a lock is released by its last revision, also when the work failed, and a failed release does not hide the result', async t => {
  const { ports, removed, isHeld } = fakeBucket()
  const exclusively = createMaintenanceLock(ports)
  const failed = exclusively(async renew => {
    await renew()
    await renew()
    throw new Error('the work failed')
  })
  await t.throwsAsync(failed, { message: 'the work failed' })
  t.deepEqual([removed, isHeld()], [[['turn', 3]], false])
  const unreleased = createMaintenanceLock({ ...ports, remove: () => Promise.reject(new Error('away')) })
  t.is(await unreleased(async () => 'done'), 'done')
})

test('who lost the lock learns it at the next step, and takes it from no other process', async t => {
  const { ports, overtake, isHeld } = fakeBucket()
  const lost = createMaintenanceLock(ports)(async renew => {
    overtake()
    await renew()
  })
  await t.throwsAsync(lost, { code: 'streams_unavailable', message: /lost the lock/ })
  t.true(isHeld(), 'by the other process')
})

test('after a minute without the lock a start gives up', async t => {
  const { ports, overtake, waits } = fakeBucket()
  overtake()
  const error = t.throwsAsync(
    createMaintenanceLock(ports)(async () => undefined),
    { code: 'streams_unavailable' },
  )
  t.regex((await error)?.message ?? '', /could not get the lock/)
  t.is(waits.length, 60_000 / 100 + 1)
})
