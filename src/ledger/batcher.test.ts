import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { createBatcher } from './batcher.ts'

/** Batches that end on request. */
const controlled = () => {
  const batches: {
    readonly values: readonly number[]
    readonly end: (results: readonly (number | Error)[]) => void
  }[] = []
  let begun = Promise.withResolvers<void>()
  const work = (values: readonly number[]) =>
    new Promise<readonly (number | Error)[]>(resolve => {
      batches.push({ values, end: resolve })
      begun.resolve()
      begun = Promise.withResolvers()
    })
  const batch = async (n: number) => {
    while (batches.length <= n) await begun.promise
    return batches[n] as (typeof batches)[number]
  }
  return { work, batch, batches }
}

const turnOfTheLoop = () => setImmediate()
const never = 1_000_000_000

test('calls of one turn of the event loop share a batch, and each gets its own result', async t => {
  const batcher = createBatcher({ limit: 10, inFlight: 1 }, (values: readonly number[]) =>
    Promise.resolve(values.map(value => value * 2)),
  )
  t.deepEqual(await Promise.all([1, 2, 3].map(value => batcher.add(value))), [2, 4, 6])
})

test('a call waits while the maximum number of batches is under way', async t => {
  const { work, batch, batches } = controlled()
  const batcher = createBatcher({ limit: 2, inFlight: 1 }, work)
  const results = [1, 2, 3].map(value => batcher.add(value))
  const first = await batch(0)
  t.deepEqual(first.values, [1, 2])
  await turnOfTheLoop()
  t.is(batches.length, 1)
  first.end([1, 2])
  const second = await batch(1)
  t.deepEqual(second.values, [3])
  second.end([3])
  t.deepEqual(await Promise.all(results), [1, 2, 3])
})

test('a lone call starts at once; the next batch keeps its distance unless it is full', async t => {
  const { work, batch, batches } = controlled()
  const batcher = createBatcher({ limit: 2, inFlight: 3, everyMs: never }, work)
  const alone = batcher.add(1)
  const first = await batch(0)
  const early = batcher.add(2)
  await turnOfTheLoop()
  await turnOfTheLoop()
  t.is(batches.length, 1, 'one value does not make it full')
  const last = batcher.add(3)
  const second = await batch(1)
  t.deepEqual(second.values, [2, 3])
  first.end([1])
  second.end([2, 3])
  t.deepEqual(await Promise.all([alone, early, last]), [1, 2, 3])
})

test('an Error rejects only its own value; a batch that fails rejects all of its values and does not affect the next batch', async t => {
  const outcomes = [() => [1, new Error('of the second')], () => [3]]
  const batcher = createBatcher({ limit: 2, inFlight: 1 }, (values: readonly number[]) => {
    if (values.includes(4)) return Promise.reject(new Error('of all'))
    return Promise.resolve((outcomes.shift() ?? (() => []))())
  })
  const settled = await Promise.allSettled([1, 2, 3].map(value => batcher.add(value)))
  t.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  await t.throwsAsync(batcher.add(4), { message: 'of all' })
})

test('a call that came early is processed when the next batch may begin, also after a full one came first', async t => {
  const sizes: number[] = []
  const batcher = createBatcher({ limit: 2, inFlight: 1, everyMs: 5 }, (values: readonly number[]) => {
    sizes.push(values.length)
    return Promise.resolve(values)
  })
  t.is(await batcher.add(1), 1)
  t.is(await batcher.add(2), 2, 'alone, after its time')
  t.deepEqual(await Promise.all([3, 4, 5].map(value => batcher.add(value))), [3, 4, 5])
  t.is(await batcher.add(6), 6)
  t.deepEqual(sizes, [1, 1, 2, 1, 1])
})

test('several batches are under way at once, up to the maximum, and each end makes room for one', async t => {
  const { work, batch, batches } = controlled()
  const batcher = createBatcher({ limit: 1, inFlight: 2 }, work)
  const results = [1, 2, 3, 4].map(value => batcher.add(value))
  await batch(1)
  await turnOfTheLoop()
  t.is(batches.length, 2)
  ;(await batch(1)).end([2])
  t.deepEqual((await batch(2)).values, [3])
  await turnOfTheLoop()
  t.is(batches.length, 3)
  ;(await batch(0)).end([1])
  ;(await batch(2)).end([3])
  ;(await batch(3)).end([4])
  t.deepEqual(await Promise.all(results), [1, 2, 3, 4])
})

test('a failed batch makes room for the next', async t => {
  const { work, batch } = controlled()
  const batcher = createBatcher({ limit: 1, inFlight: 1 }, work)
  const [first, second] = [batcher.add(1), batcher.add(2)]
  ;(await batch(0)).end([new Error('x')])
  await t.throwsAsync(first, { message: 'x' })
  ;(await batch(1)).end([2])
  t.is(await second, 2)
})
