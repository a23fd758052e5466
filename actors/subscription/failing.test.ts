import test from 'ava'
import { type Failing, heedOutcome, type News, well } from './failing.ts'

const hour = 60 * 60_000

/** A failure each hour for so long; what was told, with the hour. */
const failFor = (hours: number, from: Failing = well) => {
  const told: [hour: number, news: News][] = []
  let failing = from
  for (let at = 0; at <= hours; at += 1) {
    const heard = heedOutcome(failing, 'server_error', at * hour)
    failing = heard.failing
    if (heard.news !== null) told.push([at, heard.news])
  }
  return { failing, told }
}

test('a tenant is told after 1 h, 24 h and 72 h of failure, and after 5 days the subscription is disabled', t => {
  t.deepEqual(failFor(120).told, [
    [1, 'failing'],
    [24, 'failing'],
    [72, 'failing'],
    [120, 'disable_failing'],
  ])
})

test('one success ends it, and is told if the trouble was', t => {
  t.deepEqual(heedOutcome(failFor(2).failing, 'delivered', 3 * hour), { failing: well, news: 'recovered', store: true })
  t.is(heedOutcome(failFor(0).failing, 'delivered', 10).news, null)
})

test('a second 410 in a row disables at once', t => {
  const once = heedOutcome(well, 'gone', 0)
  t.is(once.news, null)
  t.true(once.store, 'a restart between the two forgets neither')
  t.is(heedOutcome(once.failing, 'gone', 1).news, 'disable_gone')
  const other = heedOutcome(once.failing, 'server_error', 1).failing
  t.is(heedOutcome(other, 'gone', 2).news, null)
})

test('a trouble is written once it has lasted a minute, and its end when it was written', t => {
  const first = heedOutcome(well, 'timeout', 0)
  t.false(first.store)
  t.false(heedOutcome(first.failing, 'delivered', 10).store)
  const later = heedOutcome(first.failing, 'timeout', 60_000)
  t.true(later.store)
  t.false(heedOutcome(later.failing, 'timeout', 61_000).store)
  t.true(heedOutcome(later.failing, 'delivered', 62_000).store)
})
