import test from 'ava'
import { judgedNames } from './judged-names.ts'
import type { Resolved } from './resolved.ts'

const address: Resolved = { address: '192.0.2.1', family: 4 }
const failure = (code: string) => Object.assign(new Error(code), { code })
/** Addresses, or the code of a failure; `never`: no answer. */
type Answer = readonly Resolved[] | string

/** Names that are answered as the test says; `root` answers for the root zone. */
const judging = (answers: Record<string, Answer>, { root = true, lookUpTimeoutMs = 20 } = {}) => {
  let now = 0
  const asked: string[] = []
  const resolve = judgedNames(
    async host => {
      asked.push(host)
      const answer = answers[host] ?? 'ENOTFOUND'
      if (answer === 'never') return new Promise<never>(() => undefined)
      if (typeof answer === 'string') throw failure(answer)
      return answer
    },
    {
      now: () => now,
      lookUpTimeoutMs,
      askRoot: async () => {
        asked.push('(root)')
        if (!root) throw failure('ETIMEOUT')
      },
    },
  )
  return { resolve, asked, answers, pass: (ms: number) => void (now += ms) }
}

test('a name that does not exist, or has no address, is the name’s fault, and nobody else is asked', async t => {
  const { resolve, asked } = judging({ 'empty.example': [], 'none.example': 'ENODATA', bad_: 'EBADNAME' })
  for (const host of ['gone.example', 'empty.example', 'none.example', 'bad_'])
    await t.throwsAsync(resolve(host), { code: 'UNRESOLVED', message: `${host} has no address` })
  t.is(asked.length, 4)
})

for (const code of ['ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'ECONNREFUSED', 'never'])
  test(`${code} is the name’s fault while the resolver answers about another name, and otherwise ours`, async t => {
    const { resolve, answers, asked, pass } = judging({ 'good.example': [address], 'bad.example': code })
    await resolve('good.example')
    pass(1)
    await t.throwsAsync(resolve('bad.example'), { code: 'UNRESOLVED' })
    t.deepEqual(asked, ['good.example', 'bad.example', 'good.example'])
    answers['good.example'] = code
    pass(1)
    const error = await t.throwsAsync(resolve('bad.example'), { code: 'RESOLVER_AWAY' })
    t.like(error?.cause, { code: code === 'never' ? 'ETIMEOUT' : code })
  })

test('before any name was resolved, the root zone shows whether the resolver answers', async t => {
  const bad = { 'bad.example': 'ETIMEOUT' }
  await t.throwsAsync(judging(bad).resolve('bad.example'), { code: 'UNRESOLVED' })
  await t.throwsAsync(judging(bad, { root: false }).resolve('bad.example'), { code: 'RESOLVER_AWAY' })
})

test('an answer since the look-up began is proof enough, and so is a denial', async t => {
  for (const other of ['good.example', 'gone.example']) {
    const { resolve, asked } = judging({ 'good.example': [address], 'bad.example': 'never' })
    const failed = resolve('bad.example')
    await resolve(other).catch(() => undefined)
    await t.throwsAsync(failed, { code: 'UNRESOLVED' })
    t.deepEqual(asked, ['bad.example', other])
  }
})

test('many names that fail together cause one question, about the three names that were resolved last', async t => {
  const good = ['a', 'b', 'c', 'd'].map(each => `${each}.example`)
  const names = Object.fromEntries(good.map(host => [host, [address]]))
  const { resolve, asked, pass } = judging({ ...names, 'x.example': 'ESERVFAIL', 'y.example': 'ESERVFAIL' })
  for (const host of good) await resolve(host)
  pass(1)
  await Promise.all(['x.example', 'y.example'].map(host => t.throwsAsync(resolve(host), { code: 'UNRESOLVED' })))
  t.deepEqual(asked.slice(6), ['b.example', 'c.example', 'd.example'])
})
