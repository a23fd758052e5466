import test from 'ava'
import { declaredOperations } from '../../test/support/declared-operations.ts'
import { serveApi } from '../../test/support/serve-api.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}
const servedBy = ({ paths }: Document) =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, method, path].join(' ')),
    )
    .toSorted()

test('every call that is declared is served and described, and no other', async t => {
  const { call } = await serveApi(t)
  const declared = declaredOperations.map(({ id, method, path }) => [id, method, path].join(' ')).toSorted()
  t.deepEqual(servedBy((await call('GET', '/openapi.json')).body as unknown as Document), declared)
  for (const line of declared) t.regex(line, /^[a-z][A-Za-z]+ (get|post|put|patch|delete) \/[/.\-{}A-Za-z0-9]*$/)
})

test('a worker answers its probes and the open pages of the service, and no call of a tenant', async t => {
  const { call } = await serveApi(t, { role: 'worker' })
  const served = servedBy((await call('GET', '/openapi.json')).body as unknown as Document)
  t.deepEqual(
    served.map(line => line.split(' ')[0]),
    ['getKeySet', 'getOpenApi', 'getProblemPage', 'isAlive', 'isReady'],
  )
  for (const path of ['/v1/tenants/acme/subscriptions', '/v1/tenants', '/v1/me', '/docs', '/v1/event-types'])
    t.is((await call('GET', path)).status, 404, path)
})
