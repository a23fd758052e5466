import test from 'ava'
import { roles } from './principal.ts'
import { scopes, tenantIdPattern } from './tenant.ts'

test('a portal’s administrator may do everything but publish events, and its viewer may only read', t => {
  t.deepEqual(new Set(roles.admin), new Set(scopes.filter(scope => scope !== 'events:write')))
  t.is(roles.admin.length, scopes.length - 1)
  t.deepEqual(
    [...roles.viewer],
    scopes.filter(scope => scope.endsWith(':read')),
  )
})

test('the scopes are those of the API', t => {
  t.deepEqual(
    [...scopes],
    [
      'events:write',
      'subscriptions:read',
      'subscriptions:write',
      'deliveries:read',
      'deliveries:write',
      'tokens:write',
    ],
  )
})

test('a tenant id is a token of a NATS subject', t => {
  const pattern = new RegExp(tenantIdPattern)
  for (const id of ['a', 'acme-2', '0', 'x'.repeat(40)]) t.regex(id, pattern)
  for (const id of ['', 'Acme', 'a.b', 'a*', 'a>', 'a b', 'x'.repeat(41), 'a_b', 'a\n']) t.notRegex(id, pattern)
})
