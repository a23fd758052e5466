import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change: object) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })
const post = '/v1/tenants/acme/events'
const kib64 = 'x'.repeat(64 * 1024)
const inTenMinutes = new Date(Date.now() + 10 * 60_000).toISOString()

const badEvents: readonly {
  title: string
  body: unknown
  status: number
  code: string
  pointer?: string
  headers?: Record<string, string>
}[] = [
  { title: 'malformed JSON', body: '{"type": ', status: 400, code: 'malformed_json' },
  { title: 'an empty body', body: '', status: 400, code: 'malformed_json' },
  { title: 'a list', body: [], status: 400, code: 'invalid_request' },
  {
    title: 'a missing visitId',
    body: { type: 'visit.created', data: {} },
    status: 400,
    code: 'invalid_request',
    pointer: '/visitId',
  },
  { title: 'wrong types', body: checkIn({ visitId: 7 }), status: 400, code: 'invalid_request', pointer: '/visitId' },
  {
    title: 'an unknown field',
    body: checkIn({ visitID: 'v' }),
    status: 400,
    code: 'invalid_request',
    pointer: '/visitID',
  },
  {
    title: 'an unknown event type',
    body: checkIn({ type: 'visit.lost' }),
    status: 400,
    code: 'unknown_event_type',
    pointer: '/type',
  },
  {
    title: 'an event id with odd characters',
    body: checkIn({ id: 'a.b/c' }),
    status: 400,
    code: 'invalid_request',
    pointer: '/id',
  },
  {
    title: 'an event id that is too long',
    body: checkIn({ id: 'x'.repeat(65) }),
    status: 400,
    code: 'invalid_request',
    pointer: '/id',
  },
  {
    title: 'a timestamp that is none',
    body: checkIn({ timestamp: 'noon' }),
    status: 400,
    code: 'invalid_request',
    pointer: '/timestamp',
  },
  {
    title: 'a timestamp of a clock that runs ahead',
    body: checkIn({ timestamp: inTenMinutes }),
    status: 400,
    code: 'invalid_request',
    pointer: '/timestamp',
  },
  {
    title: 'data that does not fit the type',
    body: checkIn({ data: { site: 'x' } }),
    status: 400,
    code: 'invalid_request',
    pointer: '/data/visitor',
  },
  { title: 'a huge body', body: checkIn({ data: { note: kib64 } }), status: 413, code: 'payload_too_large' },
  {
    title: 'another content type',
    body: '<event/>',
    status: 415,
    code: 'unsupported_media_type',
    headers: { 'content-type': 'text/xml' },
  },
]

test('invalid events are refused with a code, a pointer and the trace id', async t => {
  const { call, accepted } = await serveApi(t)
  for (const { title, body, status, code, pointer, headers } of badEvents) {
    const answer = await call('POST', post, body, headers)
    const {
      code: found,
      traceId,
      detail,
      errors,
    } = answer.body as Record<string, string> & { errors?: { pointer: string }[] }
    t.is(answer.status, status, title)
    t.is(found, code, title)
    t.is(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json', title)
    t.is(typeof traceId, 'string', title)
    if (pointer !== undefined)
      t.true(
        errors?.some(error => error.pointer === pointer),
        `${title}: ${JSON.stringify(answer.body)}`,
      )
    if (status === 413) t.true(detail?.includes('65536'), title)
  }
  t.deepEqual(accepted, [])
})
