import test from 'ava'
import type { Difference } from '../domain/requirement.ts'
import { brokenOf, newsOf } from './findings.ts'

const found = (outcome: Difference['outcome'], change: Partial<Difference> = {}): Difference => ({
  system: 'nats',
  object: 'stream VISITS',
  difference: 'discard is old, not new',
  outcome,
  promise: 'Accepted events are kept.',
  remedy: 'Leave it to Doorbell.',
  refusesEvents: true,
  ...change,
})
const fields = { system: 'nats', object: 'stream VISITS', difference: 'discard is old, not new' }
const advice = { promise: 'Accepted events are kept.', remedy: 'Leave it to Doorbell.' }
const news = (before: readonly Difference[], now: readonly Difference[]) =>
  newsOf(before, now).map(line => [line.level, line.text, line.fields])

test('each outcome has its line: a restored one warns, a kept one is information, a broken one is an error', t => {
  t.deepEqual(news([], [found('restored')]), [
    ['warn', 'something that Doorbell needs was restored', { ...fields, ...advice }],
  ])
  t.deepEqual(news([], [found('kept')]), [['info', 'a change of what Doorbell created was kept', fields]])
  t.deepEqual(news([], [found('broken')]), [['error', 'a promise does not hold', { ...fields, ...advice }]])
})

test('the same finding again is no news, except that each repair is', t => {
  t.deepEqual(news([found('kept'), found('broken')], [found('kept'), found('broken')]), [])
  t.is(news([found('restored')], [found('restored')]).length, 1)
  t.is(news([found('kept')], [found('broken')]).length, 1)
  for (const change of [
    { difference: 'discard is other' },
    { object: 'stream OTHER' },
    { promise: 'Another.' },
    { remedy: 'Another.' },
    { system: 'mongodb' as const },
  ])
    t.is(news([found('kept')], [found('kept', change)]).length, 1, JSON.stringify(change))
})

test('a promise that holds again is logged once for each object, and one that is broken differently is not', t => {
  const again = ['info', 'the promise holds again', { system: 'nats', object: 'stream VISITS' }]
  const two = [found('broken'), found('broken', { difference: 'is sealed' })]
  t.deepEqual(news(two, []), [again])
  t.deepEqual(news(two, [found('restored')]).slice(1), [again])
  t.deepEqual(news(two, [found('broken')]), [])
  t.deepEqual(news([found('kept'), found('restored')], []), [])
})

test('only what could not be restored is broken', t => {
  t.deepEqual(brokenOf([found('restored'), found('broken'), found('kept')]), [found('broken')])
})
