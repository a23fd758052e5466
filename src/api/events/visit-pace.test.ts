import test from 'ava'
import type { VisitEvent } from '../../domain/event.ts'
import { createVisitPace } from './visit-pace.ts'

const hourMs = 3_600_000

const begin = (accept: (event: VisitEvent) => Promise<{ duplicate: boolean }> = async () => ({ duplicate: false })) => {
  const clock = { now: 1 }
  const flooded: string[] = []
  const take = createVisitPace(
    {
      eventsPerVisit: 3,
      visitFlooded: ({ tenant, visitId }) => void flooded.push(`${tenant} ${visitId}`),
      now: () => clock.now,
    },
    accept,
  )
  /** `accepted`, or what the refusal says. */
  const post = (visitId: string, tenant = 'acme') =>
    take({ tenant, visitId } as VisitEvent).then(
      () => 'accepted',
      (error: { code?: string; retryAfterS?: number; message: string }) =>
        error.code === undefined ? error.message : [error.code, error.retryAfterS],
    )
  return { clock, flooded, post }
}

test('a receiver that publishes an event for each webhook is stopped, until an hour has passed since the first', async t => {
  const { clock, flooded, post } = begin()
  t.is(await post('v1'), 'accepted')
  clock.now += 1_000
  t.deepEqual([await post('v1'), await post('v1')], ['accepted', 'accepted'])
  t.deepEqual(await post('v1'), ['rate_limited', 3_599])
  clock.now += hourMs - 1_001
  t.deepEqual(await post('v1'), ['rate_limited', 1])
  clock.now += 1
  t.is(await post('v1'), 'accepted')
  t.deepEqual(flooded, ['acme v1'])
})

test('other visits, and the same id at another tenant, are not concerned', async t => {
  const { post } = begin()
  for (const _ of [1, 2, 3, 4]) await post('v1')
  t.deepEqual(
    [await post('v2'), await post('v1', 'beta'), await post('v1')],
    ['accepted', 'accepted', ['rate_limited', 3_600]],
  )
})

test('an event that is repeated, or that could not be stored, does not count', async t => {
  const outcomes = [
    { duplicate: true },
    new Error('away'),
    { duplicate: true },
    { duplicate: false },
    new Error('away'),
  ]
  const { post } = begin(async () => {
    const outcome = outcomes.shift() ?? { duplicate: false }
    return outcome instanceof Error ? Promise.reject(outcome) : outcome
  })
  for (const expected of ['accepted', 'away', 'accepted', 'accepted', 'away', 'accepted', 'accepted'])
    t.is(await post('v1'), expected)
  t.deepEqual(await post('v1'), ['rate_limited', 3_600])
})

test('of very many visits the latest ones are remembered', async t => {
  const { post } = begin()
  for (const _ of [1, 2, 3]) await post('old')
  for (const _ of [1, 2, 3]) await post('hot')
  for (let n = 1; n < 50_000; n += 1) {
    await post(`v${n}`)
    if (n === 25_000) t.deepEqual(await post('hot'), ['rate_limited', 3_600])
  }
  t.deepEqual([await post('hot'), await post('old')], [['rate_limited', 3_600], 'accepted'])
})
