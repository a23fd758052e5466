import test, { type ExecutionContext } from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { Failure } from '../domain/failure.ts'
import { createIntake, type EventPublisher } from './intake.ts'
import { createEventReader } from './read-event.ts'

const reader = createEventReader(eventTypes)
const now = Date.parse('2026-03-02T09:00:00Z')
const data = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample ?? {}
const event = (change: object = {}) => ({ id: 'evt_1', type: 'visit.checked_in', visitId: 'v', data, ...change })
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

const refusal = (t: ExecutionContext, read: () => unknown): Failure =>
  t.throws(read, { instanceOf: Failure }) ?? new Failure('internal', 'was accepted')

const posted = (value: unknown) => reader.posted('acme', value, now)
const message = (value: unknown) => reader.message('acme', 'visit.checked_in', JSON.stringify(value), now)
const letters = (count: number) => 'v'.repeat(count)

/** Each value, and the code, the pointer and the detail of its fault. */
const refused: readonly [title: string, value: unknown, code: string, pointer: string, detail?: RegExp][] = [
  ['nothing', null, 'invalid_request', '', /must be object/],
  ['a list', [event()], 'invalid_request', '', /must be object/],
  ['a field that no event has', event({ sender: 'x' }), 'invalid_request', '/sender', /not a known field/],
  ['no type', event({ type: undefined }), 'invalid_request', '/type', /is required/],
  ['no visit', event({ visitId: undefined }), 'invalid_request', '/visitId', /is required/],
  ['no data', event({ data: undefined }), 'invalid_request', '/data', /is required/],
  ['an empty id', event({ id: '' }), 'invalid_request', '/id', /must match/],
  ['an id with a dot', event({ id: 'a.b' }), 'invalid_request', '/id', /must match/],
  ['an id that ends in a line feed', event({ id: 'a\n' }), 'invalid_request', '/id'],
  ['an id of 65 characters', event({ id: letters(65) }), 'invalid_request', '/id'],
  ['an id that is a number', event({ id: 1 }), 'invalid_request', '/id', /must be string/],
  ['an empty visit id', event({ visitId: '' }), 'invalid_request', '/visitId'],
  ['a visit id with a space', event({ visitId: 'a b' }), 'invalid_request', '/visitId'],
  ['a visit id that ends in a line feed', event({ visitId: 'a\n' }), 'invalid_request', '/visitId'],
  ['a visit id of 65 characters', event({ visitId: letters(65) }), 'invalid_request', '/visitId'],
  ['an empty type', event({ type: '' }), 'invalid_request', '/type', /fewer than 1/],
  ['a type of 101 characters', event({ type: letters(101) }), 'invalid_request', '/type', /more than 100/],
  ['a type of 100 characters', event({ type: letters(100) }), 'unknown_event_type', '/type', /must be one of: visit/],
  ['a type that names a property of every object', event({ type: 'constructor' }), 'unknown_event_type', '/type'],
  ['a negative position', event({ sequence: -1 }), 'invalid_request', '/sequence', />= 0/],
  ['a position that is no whole number', event({ sequence: 1.5 }), 'invalid_request', '/sequence', /integer/],
  [
    'a position that is no exact number',
    event({ sequence: 2 ** 53 }),
    'invalid_request',
    '/sequence',
    /<= 9007199254740991/,
  ],
  ['data that is a list', event({ data: [] }), 'invalid_request', '/data', /must be object/],
  ['data whose host is a text', event({ data: { ...data, host: 'Tom' } }), 'invalid_request', '/data/host'],
  ['a check-in without its time', event({ data: { ...data, checkedInAt: 0 } }), 'invalid_request', '/data/checkedInAt'],
  [
    'data of 33 levels',
    event({ data: { ...data, deep: nested(32) } }),
    'invalid_request',
    '/data',
    /more than 32 levels deep/,
  ],
  [
    'a leap second',
    event({ timestamp: '2016-12-31T23:59:60Z' }),
    'invalid_request',
    '/timestamp',
    /date-time of RFC 3339/,
  ],
  [
    'five minutes and more ahead',
    event({ timestamp: '2026-03-02T09:05:00.001Z' }),
    'invalid_request',
    '/timestamp',
    /lies 300 s in the future, more than 300 s/,
  ],
  [
    'an hour ahead, with an offset',
    event({ timestamp: '2026-03-02T11:00:00+01:00' }),
    'invalid_request',
    '/timestamp',
    /lies 3600 s in the future/,
  ],
]

for (const [title, value, code, pointer, detail = /./] of refused)
  test(`${title} is refused with a pointer, whether it is posted or published to the stream directly`, t => {
    for (const read of [posted, message]) {
      const failure = refusal(t, () => read(value))
      t.deepEqual([failure.code, failure.faults[0]?.pointer], [code, pointer])
      t.regex(failure.faults[0]?.detail ?? '', detail)
      t.false(failure.message.includes('Jansen'))
    }
  })

test('values at their limits are accepted, whether they are posted or published to the stream directly', t => {
  for (const change of [
    { id: letters(64) },
    { id: 'AZaz09_-' },
    { visitId: letters(64) },
    { visitId: 'AZaz09_.:-' },
    { sequence: 0 },
    { sequence: Number.MAX_SAFE_INTEGER },
    { data: { ...data, deep: nested(31) } },
    { timestamp: '1999-01-01T00:00:00Z' },
    { timestamp: '2026-03-02T14:30:00.123456+05:30' },
    { timestamp: '2026-03-02T09:05:00Z' },
  ])
    for (const read of [posted, message]) t.like(read(event(change)), change, JSON.stringify(change).slice(0, 80))
})

test('the message of a refusal names the first fault, and counts the others', t => {
  t.is(refusal(t, () => posted(null)).message, 'The body must be object')
  t.is(refusal(t, () => posted(event({ sequence: -1 }))).message, '/sequence must be >= 0')
  const failure = refusal(t, () => posted(event({ sequence: -1, type: '', visitId: undefined })))
  t.regex(failure.message, / \(and 2 more\)$/)
  t.deepEqual(failure.faults.map(({ pointer }) => pointer).toSorted(), ['/sequence', '/type', '/visitId'])
})

test('what Doorbell publishes about itself cannot be posted by a publisher, and is not offered to one', t => {
  const operational = eventTypes.filter(({ type }) => type.startsWith('webhook.'))
  t.true(operational.length >= 4)
  for (const { type, sample } of operational) {
    const forged = event({ type, data: sample })
    const failure = refusal(t, () => posted(forged))
    t.deepEqual([failure.code, failure.faults[0]?.pointer], ['invalid_request', '/type'], type)
    t.regex(failure.message, /published by Doorbell itself/)
    t.is(reader.message('acme', type, JSON.stringify(forged), now).type, type)
  }
  const [offered] = refusal(t, () => posted(event({ type: 'none' }))).faults
  for (const { type } of eventTypes) t.is(offered?.detail.includes(type), !type.startsWith('webhook.'), type)
})

test('a message must agree with its subject and have an id', t => {
  const read = (value: object) => () =>
    reader.message('acme', 'visit.checked_in', JSON.stringify({ ...event(), ...value }), now)
  t.is(refusal(t, read({ type: 'visit.created' })).faults[0]?.pointer, '/type')
  t.is(refusal(t, read({ tenant: 'other' })).faults[0]?.pointer, '/tenant')
  t.is(refusal(t, read({ id: undefined })).faults[0]?.pointer, '/id')
  t.is(read({ tenant: 'acme' })().tenant, 'acme')
  const malformed = refusal(t, () => reader.message('acme', 'visit.checked_in', '{', now))
  t.is(malformed.code, 'malformed_json')
  t.true(malformed.cause instanceof SyntaxError)
  const other = { type: 'visit.created', tenant: 'other' }
  t.regex(refusal(t, read({ type: other.type })).message, /must be visit\.checked_in, as the subject says/)
  t.regex(refusal(t, read({ tenant: other.tenant })).message, /must be acme, as the subject says/)
  for (const tenant of ['ACME', 'a b', 'é', 'x'.repeat(65)]) {
    const { code, faults } = refusal(t, () => reader.message(tenant, 'visit.checked_in', JSON.stringify(event()), now))
    t.is(code, 'invalid_request')
    t.is(faults[0]?.pointer, '/tenant')
    t.regex(faults[0]?.detail ?? '', /^is not a tenant id: the subject must name one that matches/)
  }
})

test('a posted event may not name a tenant: the token does', t => {
  t.is(refusal(t, () => posted(event({ tenant: 'acme' }))).faults[0]?.pointer, '/tenant')
})

test('an event is read with the tenant of its token, and a missing id and timestamp are generated', t => {
  t.deepEqual(reader.posted('acme-2', event({ timestamp: '2026-03-01T09:00:00Z', sequence: 3 }), now), {
    id: 'evt_1',
    type: 'visit.checked_in',
    timestamp: '2026-03-01T09:00:00Z',
    tenant: 'acme-2',
    visitId: 'v',
    sequence: 3,
    data,
  })
  const { id, ...rest } = reader.posted('acme', { ...event(), id: undefined }, now)
  t.regex(id, /^evt_[0-9A-Z]{26}$/)
  t.deepEqual(rest, {
    type: 'visit.checked_in',
    timestamp: '2026-03-02T09:00:00.000Z',
    tenant: 'acme',
    visitId: 'v',
    data,
  })
})

test('fields that the schema does not name are kept, __proto__ as a field like any other', t => {
  const value: unknown = JSON.parse(
    JSON.stringify(event()).replace('"data":{', '"data":{"__proto__":{"admin":true},"a/b":1,'),
  )
  const read = posted(value)
  t.is(read.data['a/b'], 1)
  t.true(Object.hasOwn(read.data, '__proto__'))
  t.is((read.data as { admin?: unknown }).admin, undefined)
})

test('a posted event is published once, with its trace left to the caller, and reads back as it was', async t => {
  const read = posted(event({ sequence: 3 }))
  const published: Parameters<EventPublisher['publish']>[0][] = []
  const accept = createIntake({
    publish: async publication => {
      published.push(publication)
      return { sequence: 1, duplicate: published.length > 1 }
    },
  })
  t.deepEqual(await accept(read), { id: 'evt_1', duplicate: false })
  t.deepEqual(await accept(read), { id: 'evt_1', duplicate: true })
  const { body = '', ...rest } = published[0] ?? {}
  t.deepEqual(rest, { tenant: 'acme', type: 'visit.checked_in', id: 'evt_1', visitId: 'v', traceparent: null })
  t.deepEqual(reader.message('acme', 'visit.checked_in', body, now), read)
  const away = createIntake({ publish: () => Promise.reject(new Failure('streams_unavailable', 'away')) })
  await t.throwsAsync(away(read), { code: 'streams_unavailable' })
})
