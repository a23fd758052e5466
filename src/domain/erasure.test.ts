import test from 'ava'
import { eventIdOf, isAbout, newErasure } from './erasure.ts'

const about = (value: unknown) => isAbout(typeof value === 'string' ? value : JSON.stringify(value), 'visitor-1')

test('an event is about the people in its data, and not about its host', t => {
  t.true(about({ id: 'evt', data: { visitor: { id: 'visitor-1' } } }))
  t.true(about({ id: 'evt', data: { group: { guests: [{ id: 'other' }, { id: 'visitor-1' }] } } }))
  t.true(about({ id: 'evt', data: { id: 'visitor-1' } }))
  t.false(about({ id: 'evt', data: { host: { id: 'visitor-1' } } }))
  t.false(about({ id: 'evt', data: { group: { host: { id: 'visitor-1' } } } }))
  t.false(about({ id: 'evt', data: { visitor: { id: 'visitor-10' } } }))
  t.false(about({ id: 'evt', data: { visitor: { id: 'other' }, note: 'visitor-1', site: null } }))
  // Only its data: the event's own id is not a person's.
  t.false(about({ id: 'visitor-1', data: { site: 'ghent' } }))
})

test('a visitor’s id may be a number in the event', t => {
  t.true(isAbout(JSON.stringify({ data: { visitor: { id: 81 } } }), '81'))
})

test('without data, the whole value is examined; a text that is not JSON is about every id that it contains', t => {
  t.true(about({ visitor: { id: 'visitor-1' } }))
  t.false(about('null'))
  t.false(about('"visitor-1"'))
  t.true(about('{broken "visitor-1"'))
  t.false(about('{broken "visitor-2"'))
})

test('the id of an event is its text `id`, and nothing else', t => {
  t.is(eventIdOf('{"id":"evt_1"}'), 'evt_1')
  for (const text of ['{"id":1}', '{}', 'null', '{', '[]']) t.is(eventIdOf(text), null, text)
})

test('an erasure begins with nothing examined and nothing erased', t => {
  t.deepEqual(newErasure('era_1', 'acme', 'visitor-1', 7), {
    id: 'era_1',
    tenant: 'acme',
    visitorId: 'visitor-1',
    state: 'running',
    boundary: null,
    cursor: 0,
    found: [],
    counts: { scanned: 0, events: 0, deliveries: 0, cancelled: 0 },
    createdAt: 7,
    finishedAt: null,
  })
})
