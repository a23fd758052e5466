import test from 'ava'
import { Type } from 'typebox'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { recorded, type RecordedCall } from '../../../test/support/recorded.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import type { AuditEntry } from '../../domain/audit.ts'
import { Failure } from '../../domain/failure.ts'
import { compileDifference } from './audit-difference.ts'
import { newIdentity } from './identity.ts'
import { recordChange } from './audit.ts'
import type { Operation } from './operation.ts'

const path = '/v1/tenants/acme/subscriptions/sub_1'
const broken = () => Promise.reject(new Error('broken'))

const start = async (t: Parameters<typeof serveApi>[0], change: Partial<ReturnType<typeof fakeStores>> = {}) => {
  const calls: RecordedCall[] = []
  const served = await serveApi(t, recorded({ ...fakeStores(), ...change }, calls))
  const made = () =>
    calls.filter(([name]) => name.startsWith('audit') || name === 'subscriptions.replace').map(([name]) => name)
  const entries = () => calls.filter(([name]) => name.startsWith('audit')).map(([, entry]) => entry as AuditEntry)
  return { ...served, made, entries }
}

test('a change that was refused leaves no audit entry', async t => {
  const { call, made, entries } = await start(t)
  t.is((await call('PATCH', path, { maxInFlight: 0 })).status, 400)
  t.deepEqual(made(), ['audit.begin', 'audit.forget'])
  const [begun, forgotten] = entries()
  t.is<unknown, unknown>(forgotten, begun?.id)
})

test('a change that failed on our side keeps its entry, with what was to change', async t => {
  for (const failure of [new Error('broken'), new Failure('ledger_unavailable', 'away')]) {
    const { call, made, entries } = await start(t, { inForce: () => Promise.reject(failure) })
    t.true((await call('PATCH', path, { maxInFlight: 9 })).status >= 500)
    t.deepEqual(made(), ['audit.begin', 'subscriptions.replace', 'audit.end'])
    t.like(entries()[1], { outcome: 'failed', before: { maxInFlight: 64 }, after: { maxInFlight: 9 } })
  }
})

test('without an audit entry no change is made', async t => {
  const { audit } = fakeStores()
  const { call, made } = await start(t, { audit: { ...audit, begin: broken } })
  t.is((await call('PATCH', path, { maxInFlight: 9 })).status, 500)
  t.deepEqual(made(), ['audit.begin'])
})

test('a change is answered although its entry could not be completed; a refusal keeps its reason although its entry could not be removed', async t => {
  const { audit } = fakeStores()
  const { call, logged } = await start(t, { audit: { ...audit, end: broken, forget: broken } })
  t.is((await call('PATCH', path, { maxInFlight: 9 })).status, 200)
  t.like(logged, [{ err: { message: 'broken' } }])
  t.regex(String((logged[0] as { auditId?: unknown }).auditId), /^aud_/)
  t.is((await call('PATCH', path, { maxInFlight: 0 })).body['code'], 'invalid_request')
})

test('an entry shows the declared fields that differ, each in its form', t => {
  const difference = compileDifference({
    fields: Type.Object({
      name: Type.String(),
      url: Type.String(),
      list: Type.Array(Type.Integer()),
      gone: Type.String(),
    }),
    forms: { url: value => `short ${String(value)}`, list: () => undefined },
  })
  t.deepEqual(
    difference(
      { name: 'a', url: 'u', list: [1], gone: 'g', secret: 's' },
      { name: 'a', url: 'v', list: [1, 2], secret: 'other' },
    ),
    { before: { url: 'short u', list: [1], gone: 'g' }, after: { url: 'short v', list: [1, 2] } },
  )
})

test('an operation that changes something must declare its audit, and cannot be open', async t => {
  const operation: Operation = {
    id: 'changeName',
    tag: 'Tenants',
    method: 'put',
    path: '/v1/tenants/{tenant}/names/{name}',
    summary: 'Change',
    access: 'operator',
    answers: {},
  }
  const deps = { audit: fakeStores().audit, trace: () => null, log: { error: () => undefined } }
  t.throws(() => recordChange(deps, operation), {
    message: 'changeName does not declare what an audit entry shows of it',
  })
  for (const other of [{ method: 'get' }, { access: 'open' }, { access: 'events:write' }] as const)
    t.is(recordChange(deps, { ...operation, ...other }), null)
  const begun: AuditEntry[] = []
  const record = recordChange(
    { ...deps, audit: { ...deps.audit, begin: async entry => void begun.push(entry) } },
    { ...operation, audit: { fields: Type.Object({}) } },
  )
  const context = (state: object) =>
    ({ state: { identity: newIdentity(1), ...state }, params: { tenant: 'acme', name: 'n' } }) as never
  await t.throwsAsync(async () => record?.(context({}), async () => undefined), { message: /without a caller/ })
  await record?.(context({ principal: { kind: 'operator', id: 'operator' } }), async () => undefined)
  t.like(begun, [{ resource: { kind: 'name', id: 'n' }, tenant: 'acme', traceId: null }])
})
