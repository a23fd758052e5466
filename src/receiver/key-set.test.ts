import { mock } from 'node:test'
import test from 'ava'
import type { errors } from 'jose'
import { page } from '../../test/support/documented-table.ts'
import { serveKeys, signingKey, startMs } from '../../test/support/signed-webhook.ts'
import { createKeySet, isAway } from './key-set.ts'

// The clock and `fetch` are replaced, so these tests run one after another.
test.beforeEach(() => mock.timers.enable({ apis: ['Date'], now: startMs }))
test.afterEach.always(() => mock.reset())

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const url = new URL('https://doorbell.example/.well-known/jwks.json')
const [first, second] = [signingKey('first'), signingKey('second')]

const begin = (cooldownS = 5) => {
  const served = serveKeys(first)
  const keys = createKeySet(url, { cooldownS })
  /** `known`, or why not. */
  const ask = (kid: string) =>
    Promise.resolve(keys({ alg: 'ES256', kid }, { payload: '', signature: '' })).then(
      () => 'known',
      (error: unknown) => (isAway(error) ? 'away' : (error as errors.JOSEError).code),
    )
  return { served, ask }
}
const unreachable = () => Promise.reject(new TypeError('fetch failed'))

test.serial('the keys are fetched once in ten minutes', async t => {
  const { served, ask } = begin()
  for (const ms of [0, 1, 10 * minuteMs - 2]) {
    mock.timers.tick(ms)
    t.is(await ask('first'), 'known')
  }
  t.deepEqual(served.asked, [url.href])
  mock.timers.tick(1)
  t.is(await ask('first'), 'known')
  t.is(served.asked.length, 2)
})

test.serial('a withdrawn key is invalid after the next fetch', async t => {
  const { served, ask } = begin()
  t.is(await ask('first'), 'known')
  served.keys = [second.jwk]
  mock.timers.tick(10 * minuteMs)
  t.is(await ask('first'), 'ERR_JWKS_NO_MATCHING_KEY')
})

test.serial('an unknown key id fetches the keys again, but not within the cooldown, which is in seconds', async t => {
  const { served, ask } = begin(5)
  t.is(await ask('first'), 'known')
  served.keys = [first.jwk, second.jwk]
  mock.timers.tick(4_999)
  t.is(await ask('second'), 'ERR_JWKS_NO_MATCHING_KEY')
  t.is(served.asked.length, 1)
  mock.timers.tick(1)
  t.is(await ask('second'), 'known')
  t.is(served.asked.length, 2)
})

test.serial(
  'while the keys cannot be fetched, the known ones stay valid for a day after the last fetch, and not longer',
  async t => {
    t.true(page('docs/receivers.md').includes('continue for a day with the keys that you know'))
    const { served, ask } = begin()
    t.is(await ask('first'), 'known')
    mock.timers.tick(9 * minuteMs)
    t.is(await ask('first'), 'known')
    served.answer = unreachable
    mock.timers.tick(minuteMs)
    t.deepEqual([await ask('first'), await ask('second')], ['known', 'away'])
    mock.timers.tick(dayMs - 10 * minuteMs)
    t.is(await ask('first'), 'known')
    mock.timers.tick(1)
    t.is(await ask('first'), 'away')
    // As soon as they can be fetched again, they count.
    served.answer = null
    t.is(await ask('first'), 'known')
    served.answer = unreachable
    mock.timers.tick(dayMs)
    t.is(await ask('first'), 'known')
  },
)

test.serial('a key set that is slow, broken or refused is away, and says nothing about a key', async t => {
  for (const answer of [
    unreachable,
    () => Promise.reject(new DOMException('too slow', 'TimeoutError')),
    () => new Response('no', { status: 503 }),
    () => new Response('not JSON'),
    () => Response.json({ keys: 'none' }),
  ]) {
    const { served, ask } = begin()
    served.answer = answer
    t.is(await ask('first'), 'away', answer.toString())
    mock.restoreAll()
  }
})

test.serial('the key set has three seconds to answer', async t => {
  const timeout = mock.method(AbortSignal, 'timeout')
  t.is(await begin().ask('first'), 'known')
  t.deepEqual(
    timeout.mock.calls.map(call => call.arguments),
    [[3_000]],
  )
})
