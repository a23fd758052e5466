import test, { type ExecutionContext } from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { Failure } from '../domain/failure.ts'
import { newEventId } from './event-id.ts'
import { createIntake } from './intake.ts'
import { createEventReader } from './read-event.ts'

const reader = createEventReader(eventTypes)
const now = Date.parse('2026-03-02T09:00:00Z')
const data = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample ?? {}
const event = (change: object = {}) => ({ id: 'evt_1', type: 'visit.checked_in', visitId: 'v', data, ...change })
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

const refusal = (t: ExecutionContext, read: () => unknown): Failure =>
  t.throws(read, { instanceOf: Failure }) ?? new Failure('internal', 'was accepted')

const bad: readonly [title: string, value: unknown, code: string, pointer: string][] = [
  ['nothing', null, 'invalid_request', ''],
  ['an id with a dot', event({ id: 'a.b' }), 'invalid_request', '/id'],
  ['an id that ends in a line feed', event({ id: 'a\n' }), 'invalid_request', '/id'],
  ['a visit id with a space', event({ visitId: 'a b' }), 'invalid_request', '/visitId'],
  ['a visit id that is too long', event({ visitId: 'v'.repeat(65) }), 'invalid_request', '/visitId'],
  ['a type that names a property of every object', event({ type: 'constructor' }), 'unknown_event_type', '/type'],
  ['a position that is no exact number', event({ sequence: 1e300 }), 'invalid_request', '/sequence'],
  ['data that is a list', event({ data: [] }), 'invalid_request', '/data'],
  ['data whose host is a text', event({ data: { ...data, host: 'Tom' } }), 'invalid_request', '/data/host'],
  ['a check-in without its time', event({ data: { ...data, checkedInAt: 0 } }), 'invalid_request', '/data/checkedInAt'],
  ['data that is too deep', event({ data: { ...data, deep: nested(32) } }), 'invalid_request', '/data'],
  ['a leap second', event({ timestamp: '2016-12-31T23:59:60Z' }), 'invalid_request', '/timestamp'],
  ['a day that does not exist', event({ timestamp: '2026-02-30T00:00:00Z' }), 'invalid_request', '/timestamp'],
  ['a time without its offset', event({ timestamp: '2026-03-02T09:00:00' }), 'invalid_request', '/timestamp'],
  ['a space before the time', event({ timestamp: '2026-03-02 09:00:00Z' }), 'invalid_request', '/timestamp'],
  ['five minutes and more ahead', event({ timestamp: '2026-03-02T09:05:00.001Z' }), 'invalid_request', '/timestamp'],
]

for (const [title, value, code, pointer] of bad)
  test(`${title} is refused with a pointer, whether it is posted or published to the stream directly`, t => {
    const text = JSON.stringify(value)
    for (const read of [
      () => reader.posted('acme', value, now),
      () => reader.message('acme', 'visit.checked_in', text, now),
    ]) {
      const failure = refusal(t, read)
      t.deepEqual([failure.code, failure.faults[0]?.pointer], [code, pointer])
      t.false(failure.message.includes('Jansen'))
    }
  })

test('a message must agree with its subject and have an id', t => {
  const read = (value: object) => () =>
    reader.message('acme', 'visit.checked_in', JSON.stringify({ ...event(), ...value }), now)
  t.is(refusal(t, read({ type: 'visit.created' })).faults[0]?.pointer, '/type')
  t.is(refusal(t, read({ tenant: 'other' })).faults[0]?.pointer, '/tenant')
  t.is(refusal(t, read({ id: undefined })).faults[0]?.pointer, '/id')
  t.is(refusal(t, () => reader.message('acme', 'visit.checked_in', '{', now)).code, 'malformed_json')
  t.is(read({ tenant: 'acme' })().tenant, 'acme')
})

test('a missing id and timestamp are generated; offsets, fractions and the far past are accepted', t => {
  const { id, timestamp } = reader.posted('acme', { ...event(), id: undefined }, now)
  t.regex(id, /^evt_[0-9A-Z]{26}$/)
  t.is(timestamp, '2026-03-02T09:00:00.000Z')
  for (const given of ['1999-01-01T00:00:00Z', '2026-03-02T14:30:00.123456+05:30', '2026-03-02T09:05:00Z'])
    t.is(reader.posted('acme', event({ timestamp: given }), now).timestamp, given)
})

test('fields that the schema does not name are kept, __proto__ as a field like any other', t => {
  const posted: unknown = JSON.parse(
    JSON.stringify(event()).replace('"data":{', '"data":{"__proto__":{"admin":true},"a/b":1,'),
  )
  const read = reader.posted('acme', posted, now)
  t.is(read.data['a/b'], 1)
  t.true(Object.hasOwn(read.data, '__proto__'))
  t.is((read.data as { admin?: unknown }).admin, undefined)
})

test('a published event reads back as the posted one', async t => {
  const posted = reader.posted('acme', event({ sequence: 3 }), now)
  const bodies: string[] = []
  const accept = createIntake({
    publish: async ({ body }) => {
      bodies.push(body)
      return { sequence: 1, duplicate: true }
    },
  })
  t.deepEqual(await accept(posted), { id: 'evt_1', duplicate: true })
  t.deepEqual(reader.message('acme', 'visit.checked_in', bodies[0] ?? '', now), posted)
})

test('new ids differ, and ids of a later millisecond sort later', t => {
  const ids = Array.from({ length: 2_000 }, () => newEventId(now))
  t.is(new Set(ids).size, ids.length)
  t.true(ids.every(id => id < newEventId(now + 1)))
})
