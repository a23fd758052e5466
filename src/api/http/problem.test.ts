import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { declaredOperations } from '../../../test/support/declared-operations.ts'
import { fakeIdempotency } from '../../../test/support/fake-idempotency.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { recorded } from '../../../test/support/recorded.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { Failure, type FailureCode } from '../../domain/failure.ts'
import { scopes } from '../../domain/tenant.ts'
import { openHttpServer } from '../../service/http-server.ts'
import { problemPage } from '../service/problem-page.ts'
import { problemKinds } from './problem-kinds.ts'

const events = '/v1/tenants/acme/events'
const event = { type: 'visit.checked_in', visitId: 'visit-1', data: {} }
const codes = Object.keys(problemKinds) as FailureCode[]

/** The rows of docs/problems.md. */
const documented = readFileSync(join(import.meta.dirname, '../../../docs/problems.md'), 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(' | '))

test('docs/problems.md lists every code that the API answers with: its status, title and remedy', t => {
  // A process with such settings does not start.
  const answered = codes.filter(code => code !== 'invalid_settings')
  t.deepEqual(
    documented,
    answered.map(code => {
      const { status, title, remedy } = problemKinds[code]
      return [`\`${code}\``, String(status), title, remedy]
    }),
  )
  for (const code of codes) {
    const { status, title, remedy } = problemKinds[code]
    const page = problemPage(code)
    for (const text of [
      `<title>${title} ·`,
      `<h1>${title}</h1>`,
      `Status ${status}, code <code>${code}</code>`,
      remedy.replaceAll('`', ''),
    ])
      t.true(page.includes(text), `${code}: ${text}`)
  }
})

test('every documented code is met: those that all calls have in common here, the others at the calls that declare them', async t => {
  const stores = fakeStores()
  let instead: object = {}
  const all = { ...stores, idempotency: fakeIdempotency(), identify: async () => Promise.reject(new Error('none')) }
  const { url, logged } = await serveApi(t, { ...recorded(all, [], () => instead), requestsPerMinute: 0 })
  const found = async (deps: object, method: string, path: string, body?: unknown, headers = {}) => {
    instead = deps
    logged.length = 0
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: 'Bearer operator', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    })
    t.is(answer.headers.get('content-type'), 'application/problem+json')
    t.is(logged.length, answer.status >= 500 ? 1 : 0)
    return ((await answer.json()) as { code: string }).code
  }
  const away = (code: FailureCode) => () => Promise.reject(new Failure(code, 'away'))
  const token = (change: object) => ({
    tokens: { byHash: async () => ({ ...storedDocuments.token, scopes, ...change }) },
  })
  const key = { 'idempotency-key': 'k' }
  const known = (state: 'under_way' | 'another') => ({ idempotency: { begin: async () => ({ state }) } })
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
  const starting = await openHttpServer({ host: '127.0.0.1', port: 0, publicUrl: null })
  t.teardown(starting.close)
  const early = await fetch(starting.url)
  t.deepEqual([early.status, early.headers.get('retry-after')], [503, '1'])
  const long = await fetch(`${starting.url}/${'x'.repeat(20_000)}`)

  const met: Readonly<Partial<Record<FailureCode, unknown>>> = {
    malformed_json: await found({}, 'POST', events, '{'),
    not_utf8: await found({}, 'POST', events, new Uint8Array([0xff])),
    invalid_request: await found({}, 'POST', events, []),
    unknown_tenant: await found({ tenants: { get: async () => null } }, 'GET', '/v1/tenants/nobody/events'),
    payload_too_large: await found({}, 'POST', events, 'x'.repeat(65_537)),
    unsupported_media_type: await found({}, 'POST', events, '', { 'content-type': 'text/xml' }),
    unauthenticated: await found({}, 'GET', events, undefined, { authorization: '' }),
    token_expired: await found(token({ expiresAt: nine }), 'GET', events, undefined, bearer('old')),
    forbidden: await found(token({}), 'GET', '/v1/tenants', undefined, bearer('mine')),
    not_found: await found({}, 'GET', '/v1/nothing'),
    method_not_allowed: await found({}, 'DELETE', events),
    idempotency_key_in_use: await found(
      known('under_way'),
      'POST',
      '/v1/tenants/acme/deliveries/evt_1.sub_1/resend',
      {},
      key,
    ),
    idempotency_key_reused: await found(known('another'), 'POST', events, event, key),
    rate_limited: await found(token({ id: 'tok_2' }), 'GET', '/v1/me', undefined, bearer('t')),
    ledger_unavailable: await found({ tenants: { get: away('ledger_unavailable') } }, 'GET', '/v1/tenants/b/events'),
    identity_provider_unavailable: await found(
      { identify: away('identity_provider_unavailable') },
      'GET',
      '/v1/me',
      undefined,
      bearer('a.b.c'),
    ),
    internal: await found({ readFeed: () => Promise.reject(new Error('broken')) }, 'GET', events),
    starting: ((await early.json()) as { code: string }).code,
    headers_too_large: ((await long.json()) as { code: string }).code,
  }
  for (const [code, answered] of Object.entries(met)) t.is(answered, code)
  const declared = declaredOperations.flatMap(({ problems = [] }) => problems)
  const every = new Set<string>([...Object.keys(met), ...declared])
  t.deepEqual(
    documented.map(([code = '']) => code.slice(1, -1)).filter(code => !every.has(code)),
    [],
  )
  t.deepEqual(
    [...every].filter(code => !documented.some(([each]) => each === `\`${code}\``)),
    [],
  )
})

test('a 401 says how to authenticate, and names an error only if a token was sent', async t => {
  const { call } = await serveApi(t)
  const challenge = async (headers: object, path = events) =>
    (await call('POST', path, event, headers)).headers.get('www-authenticate')
  t.is(await challenge({ authorization: '' }), 'Bearer realm="doorbell"')
  t.is(await challenge({ authorization: 'Bearer dbt_unknown' }), 'Bearer realm="doorbell", error="invalid_token"')
  t.is(await challenge({}, '/v1/nothing'), null)
})

test('a defect is logged, and its client gets nothing but the trace id', async t => {
  const { call, logged } = await serveApi(t, { readFeed: () => Promise.reject(new Error('secret of the house')) })
  t.deepEqual((await call('GET', events)).body, {
    type: 'https://doorbell.test/problems/internal',
    title: 'Internal error',
    status: 500,
    code: 'internal',
    detail: 'An unexpected error occurred. Report the trace id to the operator.',
    traceId: `${'0'.repeat(31)}1`,
  })
  t.like(logged, [{ err: { message: 'secret of the house' }, code: 'internal' }])
})

test('an answer that asks to retry says when, and no other does', async t => {
  const failures: [Failure, string | null][] = [
    [new Failure('stream_full', 'full', { retryAfterS: 30 }), '30'],
    [new Failure('ledger_unavailable', 'away'), '5'],
    [new Failure('rate_limited', 'too many', { retryAfterS: 7 }), '7'],
    [new Failure('idempotency_key_in_use', 'busy'), '5'],
    [new Failure('conflict', 'no', { retryAfterS: 30 }), null],
    [new Failure('internal', 'broken'), null],
  ]
  let failure: Error = new Error('none')
  const { call } = await serveApi(t, { readFeed: () => Promise.reject(failure), trace: () => null })
  for (const [thrown, seconds] of failures) {
    failure = thrown
    const { status, headers, body } = await call('GET', events)
    t.deepEqual(
      [status, body['code'], body['detail'], body['traceId'], headers.get('retry-after')],
      [problemKinds[thrown.code].status, thrown.code, thrown.message, null, seconds],
    )
  }
})

test('OPTIONS and a wrong method list the allowed ones, and HEAD is GET without a body', async t => {
  const { call } = await serveApi(t)
  const options = await call('OPTIONS', events)
  t.deepEqual([options.status, options.headers.get('allow')], [200, 'POST, HEAD, GET'])
  const { status, headers, body } = await call('DELETE', events)
  t.deepEqual([status, headers.get('allow'), body['code']], [405, 'POST, HEAD, GET', 'method_not_allowed'])
  t.is(body['detail'], `${events} has no method DELETE: see the header Allow.`)
  t.is((await call('HEAD', '/v1/event-types')).status, 200)
  t.is((await call('GET', '/v1/nothing')).body['detail'], 'There is nothing at /v1/nothing.')
  const odd = await call('LINK', events)
  t.deepEqual([odd.status, odd.body['code']], [405, 'method_not_allowed'])
})
