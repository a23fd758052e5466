import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

const events = '/v1/tenants/acme/events'
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change = {}) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })
const pointersOf = (body: { errors?: unknown }) =>
  ((body.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)

test('each event of a batch has its own result: accepted, duplicate, or a problem', async t => {
  const { call, accepted } = await serveApi(t)
  const { status, body } = await call('POST', `${events}/batch`, {
    events: [
      checkIn({ id: 'a' }),
      checkIn({ id: 'a' }),
      checkIn({ visitId: 'no spaces' }),
      checkIn({ type: 'visit.lost' }),
      checkIn({ data: { ...sample, note: 'x'.repeat(64 * 1024) } }),
      null,
      checkIn({ id: 'b' }),
    ],
  })
  t.is(status, 202)
  const results = body['results'] as { id?: string; duplicate?: boolean; code?: string; status?: number }[]
  t.deepEqual(
    results.map(({ id, duplicate, code }) => code ?? [id, duplicate]),
    [
      ['a', false],
      ['a', true],
      'invalid_request',
      'unknown_event_type',
      'payload_too_large',
      'invalid_request',
      ['b', false],
    ],
  )
  t.deepEqual(
    accepted.map(({ id }) => id),
    ['a', 'b'],
  )
})

test('a batch has 1 to 500 events', async t => {
  const { call } = await serveApi(t)
  for (const list of [[], Array.from({ length: 501 }, () => ({}))])
    t.deepEqual(pointersOf((await call('POST', `${events}/batch`, { events: list })).body), ['/events'])
})
