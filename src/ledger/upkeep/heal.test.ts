import test from 'ava'
import { healing } from './heal.ts'

/** A write that refuses odd values until they are fit, and keeps its calls. */
const writing = () => {
  const calls: (readonly number[])[] = []
  let isChanged = true
  const write = async (values: readonly number[]) => {
    calls.push(values)
    return values.map(value => (isChanged && value % 2 === 1 ? new Error(String(value)) : `wrote ${value}`))
  }
  return { calls, write, repaired: () => (isChanged = false) }
}

test('what a changed validator refused is written once more after it was restored, and nothing else is', async t => {
  const { calls, write, repaired } = writing()
  const healed = healing(write, async () => {
    repaired()
    return true
  })
  t.deepEqual(await healed([1, 2, 3, 4]), ['wrote 1', 'wrote 2', 'wrote 3', 'wrote 4'])
  t.deepEqual(calls, [
    [1, 2, 3, 4],
    [1, 3],
  ])
})

test('what Doorbell’s own validator refuses stays refused, and is written no second time', async t => {
  const { calls, write } = writing()
  const [one, two] = await healing(write, async () => false)([1, 2])
  t.true(one instanceof Error)
  t.is(two, 'wrote 2')
  t.is(calls.length, 1)
  const again = writing()
  const [still] = await healing(again.write, async () => true)([1])
  t.true(still instanceof Error)
  t.is(again.calls.length, 2)
})

test('without a refusal nothing is compared', async t => {
  const { write } = writing()
  t.deepEqual(await healing(write, async () => t.fail())([2]), ['wrote 2'])
})
