import test from 'ava'
import { adminToken, checkIn, startDoorbell } from '../support/doorbell.ts'

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
  { title: 'a body that is not UTF-8', body: new Uint8Array([0x7b, 0xff, 0x7d]), status: 400, code: 'not_utf8' },
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
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  for (const { title, body, status, code, pointer, headers } of badEvents) {
    const answer = await call<{ code: string; traceId: string; detail: string; errors?: { pointer: string }[] }>(
      'POST',
      post,
      body,
      headers,
    )
    t.is(answer.status, status, title)
    t.is(answer.body.code, code, title)
    t.is(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json', title)
    t.is(typeof answer.body.traceId, 'string', title)
    if (pointer !== undefined)
      t.true(
        answer.body.errors?.some(error => error.pointer === pointer),
        `${title}: ${JSON.stringify(answer.body)}`,
      )
    if (status === 413) t.true(answer.body.detail.includes('65536'), title)
  }
})

test('a body of unknown length is cut off at the limit', async t => {
  const { service, call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const chunks = new ReadableStream({
    start: controller => {
      for (let count = 0; count < 20; count += 1) controller.enqueue(new TextEncoder().encode(' '.repeat(8 * 1024)))
      controller.close()
    },
  })
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const answer = await fetch(service.url + post, {
    method: 'POST',
    headers,
    body: chunks,
    duplex: 'half',
  })
  t.is(answer.status, 413)
})

test('an unknown tenant, route and method are named as such', async t => {
  const { call } = await startDoorbell(t)
  t.like(await call('POST', '/v1/tenants/nobody/events', checkIn()), { status: 404, body: { code: 'unknown_tenant' } })
  t.like(await call('PUT', '/v1/tenants/No_Body', { name: 'x' }), { status: 400, body: { code: 'invalid_request' } })
  t.like(await call('GET', '/v1/nothing'), { status: 404, body: { code: 'not_found' } })
  const { status, headers } = await call('DELETE', '/v1/event-types')
  t.is(status, 405)
  t.true(headers.get('allow')?.includes('GET'))
})

const badUrls = [
  'receiver.example/hook',
  'ftp://receiver.example/',
  'https://user:pass@receiver.example/',
  'https://receiver.example/#top',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://168.63.129.16/machine',
  'https://[::ffff:168.63.129.16]/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'https://0x8080808/',
  'https://134744072/',
  'https://010.0.0.1/',
  'https://8.8.2056/',
] as const

test('urls that Doorbell cannot deliver to, or that hide their target, are refused', async t => {
  const { call } = await startDoorbell(t, { egressAllow: [] })
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  for (const url of badUrls) {
    const body = { url, eventTypes: ['visit.checked_in'] }
    t.like(
      await call('POST', '/v1/tenants/acme/subscriptions', body),
      { status: 400, body: { code: 'url_refused' } },
      url,
    )
  }
  const local = { url: 'https://localhost/', eventTypes: ['visit.checked_in'] }
  t.like(await call('POST', '/v1/tenants/acme/subscriptions', local), { status: 400, body: { code: 'url_refused' } })
})

test('each setting of a subscription is checked, and each fault has its pointer', async t => {
  const { call } = await startDoorbell(t)
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  const good = { url: 'http://127.0.0.1:9999/', eventTypes: ['visit.*'] }
  for (const [change, pointer] of [
    [{ eventTypes: [] }, '/eventTypes'],
    [{ eventTypes: ['badge.printed'] }, '/eventTypes/0'],
    [{ timeoutMs: 60_000 }, '/timeoutMs'],
    [{ maxInFlight: 0 }, '/maxInFlight'],
    [{ headers: { 'webhook-id': 'mine' } }, '/headers/webhook-id'],
    [{ headers: { 'x-a': 'b\r\nx-c: d' } }, '/headers/x-a'],
    [{ retry: { delaysMs: [1] } }, '/retry/delaysMs/0'],
    [{ ratePerSecond: 0 }, '/ratePerSecond'],
    [{ ordering: 'site' }, '/ordering'],
    [{ expiresAfterMs: 1 }, '/expiresAfterMs'],
    [{ auth: { type: 'bearer' } }, '/auth/token'],
  ] as const) {
    const { status, body } = await call<{ errors: { pointer: string }[] }>('POST', '/v1/tenants/acme/subscriptions', {
      ...good,
      ...change,
    })
    t.is(status, 400)
    t.true(
      body.errors.some(error => error.pointer === pointer),
      JSON.stringify(body),
    )
  }
})

test('a retry policy is shown in clock times', async t => {
  const { call } = await startDoorbell(t)
  const { body } = await call<{ attempts: { earliest: string; latest: string }[] }>('POST', '/v1/retry-preview', {
    retry: { delaysMs: [1_000, 3_600_000] },
  })
  t.is(body.attempts.length, 3)
  const [first, , third] = body.attempts
  const spanMs = (at: string | undefined) => Date.parse(at ?? '') - Date.parse(first?.earliest ?? '')
  t.deepEqual([spanMs(third?.earliest), spanMs(third?.latest)], [100 + 2_880_000, 1_000 + 4_320_000])
})
