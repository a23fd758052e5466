import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import test from 'ava'
import { declaredOperations } from '../../../../test/support/declared-operations.ts'
import { takesKey } from '../operation.ts'
import { serveApi } from '../../../../test/support/serve-api.ts'

test('the description passes a linter, and names every call once', async t => {
  const { call } = await serveApi(t)
  const { body } = await call('GET', '/openapi.json')
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      // Calls without a token cannot fail for the caller's fault; a page has no errors.
      'operation-4xx-response': 'off',
      'security-defined': 'error',
      'no-ambiguous-paths': 'off',
    },
  })
  const found = await lintFromString({ source: JSON.stringify(body), absoluteRef: 'openapi.json', config })
  t.deepEqual(
    found.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`),
    [],
  )
  const paths = body['paths'] as Record<string, Record<string, { operationId: string }>>
  const ids = Object.values(paths).flatMap(methods => Object.values(methods).map(({ operationId }) => operationId))
  t.deepEqual(ids.toSorted(), declaredOperations.map(({ id }) => id).toSorted())
})

test('the API is what docs/openapi.json says, so that each change of it is seen: `npm run generate` writes the page', async t => {
  const { call } = await serveApi(t)
  const published = readFileSync(join(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8')
  const { status, headers, body } = await call('GET', '/openapi.json')
  t.is(status, 200)
  t.is(headers.get('cache-control'), 'public, max-age=60')
  t.deepEqual(body, { ...(JSON.parse(published) as object), servers: [{ url: 'https://doorbell.test' }] })
})

test('each list has `next`, and each call with a token that is a POST may have a key, as the introduction says', async t => {
  const { call } = await serveApi(t)
  const { body } = await call('GET', '/openapi.json')
  const { description } = body['info'] as { description: string }
  t.regex(description, /Lists answer with `\{items, next\}`/)
  t.regex(description, /A POST that needs a token may carry an `Idempotency-Key`/)
  const lists = declaredOperations.filter(({ id }) => id.startsWith('list'))
  t.true(lists.length > 8)
  for (const { id, answers } of lists) {
    const { properties = {} } = (answers as Record<number, { schema?: { properties?: object } }>)[200]?.schema ?? {}
    t.deepEqual(Object.keys(properties), ['items', 'next'], id)
  }
  for (const operation of declaredOperations.filter(({ method }) => method === 'post'))
    t.is(takesKey(operation), operation.access !== 'open', operation.id)
})
