import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { Failure } from '../../domain/failure.ts'
import { serveApi } from '../../../test/support/serve-api.ts'

const events = '/v1/tenants/acme/events'
const sample = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample
const checkIn = (change = {}) => ({ type: 'visit.checked_in', visitId: 'visit-1', data: sample, ...change })

test('a 401 says how to authenticate, and names an error only if a token was sent', async t => {
  const { call } = await serveApi(t)
  const challenge = async (authorization: string) =>
    (await call('POST', events, checkIn(), { authorization })).headers.get('www-authenticate')
  t.is(await challenge(''), 'Bearer realm="doorbell"')
  t.is(await challenge('Bearer dbt_unknown'), 'Bearer realm="doorbell", error="invalid_token"')
})

test('a defect is logged, and its client gets nothing but the trace id', async t => {
  const { call, logged } = await serveApi(t, { accept: () => Promise.reject(new Error('secret of the house')) })
  const { status, body } = await call('POST', events, checkIn())
  t.is(status, 500)
  t.is(body['code'], 'internal')
  t.is(typeof body['traceId'], 'string')
  t.false(JSON.stringify(body).includes('secret of the house'))
  t.is(logged.length, 1)
})

test('an answer that asks to retry says when', async t => {
  const failures = [new Failure('stream_full', 'full', { retryAfterS: 30 }), new Failure('ledger_unavailable', 'away')]
  const { call } = await serveApi(t, { accept: () => Promise.reject(failures.shift() ?? new Error('one too many')) })
  for (const [code, seconds] of [
    ['stream_full', '30'],
    ['ledger_unavailable', '5'],
  ]) {
    const { status, headers, body } = await call('POST', events, checkIn())
    t.deepEqual([status, body['code'], headers.get('retry-after')], [503, code, seconds])
  }
})

test('OPTIONS and a wrong method list the allowed ones, and HEAD is GET without a body', async t => {
  const { call } = await serveApi(t)
  t.is((await call('OPTIONS', events)).headers.get('allow'), 'POST, HEAD, GET')
  const { status, headers, body } = await call('DELETE', events)
  t.deepEqual([status, headers.get('allow'), body['code']], [405, 'POST, HEAD, GET', 'method_not_allowed'])
  t.is((await call('HEAD', '/v1/event-types')).status, 200)
})
