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
