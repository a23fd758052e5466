import test from 'ava'
import { recentAnswer } from './recent-answer.ts'

test('two reads at once share one answer, and so does one a moment later', async t => {
  let asked = 0
  const answer = recentAnswer(() => Promise.resolve((asked += 1)))
  t.deepEqual(await Promise.all([answer(), answer()]), [1, 1])
  t.is(await answer(), 1)
})

test('what fails, and what does not answer in time, is null and delays no other', async t => {
  const failing = recentAnswer(() => Promise.reject(new Error('away')))
  const hanging = recentAnswer(() => new Promise<never>(() => undefined), { withinMs: 1 })
  t.is(await failing(), null)
  t.is(await hanging(), null)
})

test('a slow server is not asked again before it has answered', async t => {
  let asked = 0
  const { promise: slow, resolve } = Promise.withResolvers<number>()
  const answer = recentAnswer(() => ((asked += 1), slow), { keepMs: 0, withinMs: 1 })
  t.is(await answer(), null)
  t.is(await answer(), null)
  t.is(asked, 1)
  resolve(1)
  await slow
  t.is(await answer(), 1)
  t.is(asked, 2)
})
