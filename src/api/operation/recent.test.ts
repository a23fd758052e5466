import test from 'ava'
import { createRecent } from './recent.ts'

const away = new Error('away')
/** The cache takes the moment 0 for none. */
const start = 1_000

/** A memory with a look-up and a clock that the test controls. */
const recent = (patienceMs = 60_000) => {
  const asked: PromiseWithResolvers<string | null>[] = []
  let now = start
  const find = () => {
    const answer = Promise.withResolvers<string | null>()
    asked.push(answer)
    return answer.promise
  }
  const passes = (error: unknown) => error === away
  return {
    ...createRecent(find, { ttlMs: 10, staleMs: 100, patienceMs, capacity: 2, passes, now: () => now }),
    asked,
    at: (moment: number) => void (now = start + moment),
  }
}

/** A memory that knows `value` under the key `a`. */
const knowing = async (value: string, patienceMs?: number) => {
  const made = recent(patienceMs)
  const found = made.find('a')
  made.asked[0]?.resolve(value)
  await found
  return made
}

test('a value that was found counts for a while, and is then looked up again, once for all callers at that time', async t => {
  const made = await knowing('old')
  made.at(10)
  t.is(await made.find('a'), 'old')
  made.at(11)
  const both = Promise.all([made.find('a'), made.find('a')])
  t.is(made.asked.length, 2)
  made.asked[1]?.resolve('new')
  t.deepEqual(await both, ['new', 'new'])
})

test('while the look-up fails for a reason that passes, a known value counts for its time and no longer', async t => {
  const made = await knowing('old')
  made.at(100)
  const found = made.find('a')
  made.asked[1]?.reject(away)
  t.is(await found, 'old')
  made.at(101)
  const late = made.find('a')
  made.asked[2]?.reject(away)
  await t.throwsAsync(late, { is: away })
})

test('another failure, and a value that is gone, are answered at once', async t => {
  const made = await knowing('old')
  made.at(50)
  const broken = made.find('a')
  made.asked[1]?.reject(new Error('broken'))
  await t.throwsAsync(broken, { message: 'broken' })
  const gone = made.find('a')
  made.asked[2]?.resolve(null)
  t.is(await gone, null)
})

test('a look-up that hangs delays no caller while a value is known', async t => {
  const made = await knowing('old', 1)
  made.at(50)
  t.is(await made.find('a'), 'old')
})

test('a value that is dropped while it is being looked up is not kept: the next caller looks it up again', async t => {
  const made = await knowing('old')
  made.at(50)
  const before = made.find('a')
  made.forget(value => value === 'old')
  const after = made.find('a')
  made.asked[1]?.resolve('old')
  made.asked[2]?.resolve(null)
  t.is(await after, null)
  t.is(await before, 'old')
})

test('a look-up that is under way while another value is dropped still answers its caller, also when it finds nothing', async t => {
  const made = recent()
  const found = made.find('b')
  made.forget(() => false)
  made.asked[0]?.resolve(null)
  t.is(await found, null)
})

test('a value that is dropped does not come back when its look-up fails for a reason that passes', async t => {
  const made = await knowing('old')
  made.at(50)
  const found = made.find('a')
  made.forget(value => value === 'old')
  made.asked[1]?.reject(away)
  await t.throwsAsync(found, { is: away })
})

test('a key that is not found takes no room of a value that is known', async t => {
  const made = await knowing('old')
  for (const [index, key] of ['b', 'c', 'd'].entries()) {
    const found = made.find(key)
    made.asked[index + 1]?.resolve(null)
    t.is(await found, null)
  }
  t.is(await made.find('a'), 'old')
})
