import test from 'ava'
import { lookedAt } from './looked-at.ts'

test('two who look at once share one look', async t => {
  let looks = 0
  const look = lookedAt(() => Promise.resolve((looks += 1)))
  t.deepEqual(await Promise.all([look(), look()]), [1, 1])
  t.is(await look(), 1)
})

test('what fails, and what does not answer within two seconds, is nothing and holds nobody up', async t => {
  const failing = lookedAt(() => Promise.reject(new Error('away')))
  const hanging = lookedAt(() => new Promise<never>(() => undefined))
  t.is(await failing(), null)
  t.is(await hanging(), null)
})

test('a server that is slow is not asked once more while it has not answered', async t => {
  let looks = 0
  const { promise: answer, resolve } = Promise.withResolvers<number>()
  const look = lookedAt(() => ((looks += 1), answer), 0)
  t.is(await look(), null, 'after two seconds')
  t.is(await look(), null)
  t.is(looks, 1)
  resolve(1)
  await answer
  t.is(await look(), 1)
  t.is(looks, 2)
})
