import { mock } from 'node:test'
import test from 'ava'
import fc from 'fast-check'
import { createFairSlots, type Release, shareAt, type SlotOwner } from './fair-slots.ts'

// Time moves only where a test moves it, so these tests run one after another.
test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
test.afterEach.always(() => mock.timers.reset())

const never = new AbortController().signal
const owner = (tenant: string, endpoint = `https://${tenant}.example`): SlotOwner => ({ tenant, endpoint })
const settled = () => new Promise<void>(resolve => setImmediate(resolve))

const slotsOf = (capacity: number) => {
  const slots = createFairSlots({ capacity, waitMs: 5_000, pauseMs: 1_000 })
  /** Takes as many as are given at once; the others keep waiting. */
  const takeAll = async (by: SlotOwner, count: number): Promise<Release[]> => {
    const given: Release[] = []
    for (let n = 0; n < count; n += 1)
      void slots.take(by, never).then(
        release => given.push(release),
        () => undefined,
      )
    await settled()
    return given
  }
  return { slots, takeAll }
}

test.serial('the more slots are in use, the fewer one tenant or endpoint may have', t => {
  const cases: readonly [used: number, capacity: number, share: number][] = [
    [0, 512, 64],
    [127, 512, 64],
    [128, 512, 8],
    [255, 512, 8],
    [256, 512, 1],
    [511, 512, 1],
    [512, 512, 0],
    [8_192, 16_384, 32],
    [0, 4, 1],
    [0, Infinity, Infinity],
  ]
  for (const [used, capacity, share] of cases) t.is(shareAt(used, capacity), share, `${used} of ${capacity}`)
})

test.serial(
  'whatever eighty tenants want, the next one still gets a slot, and another one when it gives that back',
  async t => {
    const { takeAll, slots } = slotsOf(512)
    const counts: number[] = []
    for (let n = 0; n < 80; n += 1) counts.push((await takeAll(owner(`hanging-${n}`), 16)).length)
    t.true(Math.min(...counts) >= 1)
    t.true(slots.used() < 400)
    const given = await takeAll(owner('healthy'), 20)
    for (let n = 0; n < 20; n += 1) {
      t.is(given.length, n + 1)
      given[n]?.()
      await settled()
    }
  },
)

test.serial(
  'a tenant with many endpoints gets no more than one with a single one; neither does a shared endpoint',
  async t => {
    const { takeAll, slots } = slotsOf(512)
    for (let n = 0; n < 100; n += 1) await takeAll(owner('a', `https://${n}.example`), 1)
    t.is(slots.used(), 64)
    const shared = slotsOf(512)
    for (let n = 0; n < 100; n += 1) await shared.takeAll(owner(`t${n}`, 'https://shared.example'), 1)
    t.is(shared.slots.used(), 64)
  },
)

test.serial('a slot that is given back goes to the one that has the fewest', async t => {
  const { takeAll, slots } = slotsOf(16)
  const [a1] = await takeAll(owner('a'), 2)
  await takeAll(owner('b'), 1)
  const [c1] = await takeAll(owner('c'), 1)
  const begun: string[] = []
  const wait = (name: string, by: SlotOwner) => void slots.take(by, never).then(() => begun.push(name))
  wait('a3', owner('a'))
  wait('b2', owner('b'))
  await settled()
  t.deepEqual([begun, slots.used()], [[], 4])
  c1?.()
  c1?.()
  await settled()
  t.deepEqual([begun, slots.used()], [['b2'], 4])
  a1?.()
  await settled()
  t.deepEqual([begun, slots.used()], [['b2', 'a3'], 4])
})

test.serial('who waits too long gets none, and leaves the queue', async t => {
  const { takeAll, slots } = slotsOf(8)
  const [release] = await takeAll(owner('a'), 1)
  const late = t.throwsAsync(slots.take(owner('a'), never), { code: 'NO_SLOT' })
  await settled()
  mock.timers.tick(4_999)
  await settled()
  t.is(slots.used(), 1)
  mock.timers.tick(1)
  await late
  release?.()
  await settled()
  t.is(slots.used(), 0)
})

test.serial('who stops waiting gets none', async t => {
  const { takeAll, slots } = slotsOf(8)
  const [release] = await takeAll(owner('a'), 1)
  const stop = new AbortController()
  const reason = new Error('the process ends')
  const waiting = t.throwsAsync(slots.take(owner('a'), stop.signal), { is: reason })
  stop.abort(reason)
  await waiting
  release?.()
  await settled()
  t.is(slots.used(), 0)
})

test.serial('during a pause nobody gets a slot, and afterwards those who wait', async t => {
  const { takeAll, slots } = slotsOf(64)
  slots.pause()
  slots.pause()
  const given = await takeAll(owner('a'), 2)
  t.is(given.length, 0)
  mock.timers.tick(999)
  await settled()
  t.is(given.length, 0)
  mock.timers.tick(1)
  await settled()
  t.is(given.length, 2)
})

test.serial('no sequence takes more slots than there are, and all are given back', async t => {
  const step = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    endpoint: fc.constantFrom('x', 'y'),
    gives: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 40 }), async (capacity, steps) => {
      const { takeAll, slots } = slotsOf(capacity)
      const given: Release[] = []
      const lists: Release[][] = []
      for (const { tenant, endpoint, gives } of steps) {
        if (gives) (lists.flat().find(release => !given.includes(release)) ?? (() => undefined))()
        if (gives)
          given.push(
            ...lists
              .flat()
              .filter(release => !given.includes(release))
              .slice(0, 1),
          )
        lists.push(await takeAll({ tenant, endpoint }, 1))
        if (slots.used() > capacity) return false
      }
      for (let round = 0; round < steps.length; round += 1) {
        lists.flat().forEach(release => release())
        await settled()
      }
      return slots.used() === 0
    }),
    { numRuns: 30 },
  )
  t.pass()
})
