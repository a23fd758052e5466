import test from 'ava'
import { cachedNames, deniedMs, failedMs, longestMs, shortestMs, staleMs } from './cached-names.ts'
import { ResolverAway, Unresolved } from './name-errors.ts'
import type { Resolved } from './resolved.ts'

const at = (address: string, ttlMs?: number): Resolved => ({
  address,
  family: 4,
  ...(ttlMs === undefined ? {} : { ttlMs }),
})
const denied = new Unresolved('gone', { denied: true })
const failed = new Unresolved('broken', { denied: false })

const caching = (answer: (host: string) => Promise<readonly Resolved[]>) => {
  let now = 0
  const asked: string[] = []
  const resolve = cachedNames(
    host => {
      asked.push(host)
      return answer(host)
    },
    () => now,
  )
  return {
    asked,
    resolve,
    /** Resolves at this moment; an error is its result too. */
    resolveAt: (ms: number, host = 'receiver.example'): Promise<unknown> => {
      now = ms
      return resolve(host).catch((error: unknown) => error)
    },
  }
}

test('an answer is used as long as the shortest lifetime of its records, within bounds', async t => {
  const cases: readonly [records: readonly Resolved[], usedMs: number][] = [
    [[at('192.0.2.1', 5_000), at('192.0.2.2', 4_000)], 4_000],
    [[at('192.0.2.1', 0)], shortestMs],
    [[at('192.0.2.1')], shortestMs],
    [[at('192.0.2.1', 86_400_000)], longestMs],
  ]
  for (const [records, usedMs] of cases) {
    const { resolveAt, asked } = caching(async () => records)
    t.is(await resolveAt(0), records)
    t.is(await resolveAt(usedMs - 1), records)
    t.is(asked.length, 1)
    await resolveAt(usedMs)
    t.is(asked.length, 2)
  }
})

test('a failure is used for a short time too: a denial for longer than a fault', async t => {
  for (const [error, usedMs] of [
    [denied, deniedMs],
    [failed, failedMs],
    [new ResolverAway('away'), failedMs],
  ] as const) {
    const { resolveAt, asked } = caching(() => Promise.reject(error))
    t.is(await resolveAt(0), error)
    t.is(await resolveAt(usedMs - 1), error)
    t.is(asked.length, 1)
    await resolveAt(usedMs)
    t.is(asked.length, 2)
  }
})

test('all that wait for one name share one look-up, and nobody waits for another name', async t => {
  const slow = Promise.withResolvers<readonly Resolved[]>()
  const { resolve, asked } = caching(host => (host === 'slow.example' ? slow.promise : Promise.resolve([at(host)])))
  const waiting = [resolve('slow.example'), resolve('slow.example'), resolve('slow.example')]
  t.deepEqual(await resolve('good.example'), [at('good.example')])
  slow.resolve([at('192.0.2.1')])
  t.deepEqual(
    await Promise.all(waiting),
    waiting.map(() => [at('192.0.2.1')]),
  )
  t.deepEqual(asked, ['slow.example', 'good.example'])
})

test('while name servers fail, the last addresses are used for ten minutes; a denial ends them at once', async t => {
  let answer: () => Promise<readonly Resolved[]> = async () => [at('192.0.2.1', 1_000)]
  const { resolveAt, asked } = caching(() => answer())
  await resolveAt(0)
  answer = () => Promise.reject(failed)
  t.deepEqual(await resolveAt(1_000), [at('192.0.2.1', 1_000)])
  // The first failure was waited for. Now the answer comes at once, whatever the name servers do.
  answer = () => new Promise(() => undefined)
  t.deepEqual(await resolveAt(1_000 + failedMs), [at('192.0.2.1', 1_000)])
  t.is(asked.length, 3)

  const other = caching(() => answer())
  answer = async () => [at('192.0.2.1', 1_000)]
  await other.resolveAt(0)
  answer = () => Promise.reject(failed)
  for (let now = 1_000; now < 1_000 + staleMs; now += failedMs) await other.resolveAt(now)
  t.deepEqual(await other.resolveAt(999 + staleMs), [at('192.0.2.1', 1_000)])
  t.is(await other.resolveAt(1_000 + staleMs + failedMs), failed)

  const third = caching(() => answer())
  answer = async () => [at('192.0.2.1', 1_000)]
  await third.resolveAt(0)
  answer = () => Promise.reject(denied)
  t.is(await third.resolveAt(1_000), denied)
})

test('a new answer replaces the stale addresses', async t => {
  let answer: () => Promise<readonly Resolved[]> = async () => [at('192.0.2.1', 1_000)]
  const { resolveAt } = caching(() => answer())
  await resolveAt(0)
  answer = () => Promise.reject(failed)
  await resolveAt(1_000)
  answer = async () => [at('192.0.2.2', 1_000)]
  await resolveAt(1_000 + failedMs)
  t.deepEqual(await resolveAt(1_001 + failedMs), [at('192.0.2.2', 1_000)])
})

test('the cache is bounded: of 10,001 names the one that was resolved first is forgotten', async t => {
  const { resolveAt, asked } = caching(async host => [at(host)])
  for (let n = 0; n <= 10_000; n += 1) await resolveAt(0, `n${n}.example`)
  await resolveAt(0, 'n1.example')
  t.is(asked.length, 10_001)
  await resolveAt(0, 'n0.example')
  t.is(asked.length, 10_002)
})
