import test from 'ava'
import { createRecent } from './recent.ts'

const away = new Error('away')

/** A look-up whose answers the test gives, and its clock. */
const recent = (patienceMs = 60_000) => {
  const asked: PromiseWithResolvers<string | null>[] = []
  let now = 0
  const find = () => {
    const answer = Promise.withResolvers<string | null>()
    asked.push(answer)
    return answer.promise
  }
  const passes = (error: unknown) => error === away
  return {
    ...createRecent(find, { ttlMs: 10, staleMs: 100, patienceMs, capacity: 2, passes, now: () => now }),
    asked,
    at: (moment: number) => void (now = moment),
  }
}

/** One that knows `value` of the key `a`. */
const knowing = async (value: string, patienceMs?: number) => {
  const made = recent(patienceMs)
  const found = made.find('a')
  made.asked[0]?.resolve(value)
  await found
  return made
}

test('what was found counts for a while, and is asked for again after it, once for all who ask at the same time', async t => {
  const made = await knowing('old')
  made.at(9)
  t.is(await made.find('a'), 'old')
  made.at(10)
  const both = Promise.all([made.find('a'), made.find('a')])
  t.is(made.asked.length, 2)
  made.asked[1]?.resolve('new')
  t.deepEqual(await both, ['new', 'new'])
})

test('while the look-up fails for a reason that passes, what was known goes on for its time, and no longer', async t => {
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

test('another failure, and a value that is gone, are told at once', async t => {
  const made = await knowing('old')
  made.at(50)
  const broken = made.find('a')
  made.asked[1]?.reject(new Error('broken'))
  await t.throwsAsync(broken, { message: 'broken' })
  const gone = made.find('a')
  made.asked[2]?.resolve(null)
  t.is(await gone, null)
})

test('a look-up that hangs is not waited for where something is known', async t => {
  const made = await knowing('old', 1)
  made.at(50)
  t.is(await made.find('a'), 'old')
})

test('what is forgotten while it is looked up counts for nobody: the next who asks asks anew', async t => {
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
