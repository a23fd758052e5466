import test from 'ava'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'

test('a new tenant is answered with 201, and its audit entry has nothing before', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { tenants } = fakeStores()
  const made = { tenants: { ...tenants, get: async () => null, put: async () => 'created' as const } }
  const { status, body, calls } = await call('putTenant', { params: { tenant: 'new' }, body: { name: 'New' } }, made)
  t.deepEqual([status, body], [201, { id: 'new', name: 'New' }] as unknown as [number, unknown])
  const entry = calls.at(-1)?.[1] as { tenant: string; before: object; after: object } | undefined
  t.deepEqual([entry?.tenant, entry?.before, entry?.after], ['new', {}, { name: 'New' }])
})
