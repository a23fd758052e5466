import { createConfig, lintFromString } from '@redocly/openapi-core'
import test from 'ava'
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
  t.true(ids.length > 20)
  t.is(new Set(ids).size, ids.length)
})
