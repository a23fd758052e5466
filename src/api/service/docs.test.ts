import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'

test('the API reference loads compressed files that a browser keeps for good, and nothing from elsewhere', async t => {
  const { call } = await serveApi(t)
  const page = await call('GET', '/docs')
  t.is(page.headers.get('cache-control'), 'no-cache')
  t.is(page.headers.get('content-type'), 'text/html; charset=utf-8')
  t.is(
    page.headers.get('content-security-policy'),
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  const files = [...String(page.body['text']).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
  t.deepEqual(
    files.map(file => file.replace(/^\/docs\/[\w-]{16}\//, '')),
    ['favicon-32x32.png', 'swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'],
  )
  const types = [
    'image/png',
    'text/css; charset=utf-8',
    'text/javascript; charset=utf-8',
    'text/javascript; charset=utf-8',
  ]
  for (const [index, file] of files.entries()) {
    const { status, headers } = await call('GET', file)
    t.deepEqual([status, headers.get('content-type')], [200, types[index] as string], file)
    t.is(headers.get('cache-control'), 'public, max-age=31536000, immutable', file)
    t.is(headers.get('content-encoding'), file.endsWith('.png') ? null : 'gzip', file)
    t.true(Number(headers.get('content-length')) < 500_000, file)
    const known = { 'if-none-match': headers.get('etag') ?? '', 'cache-control': 'max-age=0' }
    t.is((await call('GET', file, undefined, known)).status, 304, file)
  }
  const start = String((await call('GET', files[3] ?? '')).body['text'])
  for (const setting of [
    "url: '/openapi.json'",
    "dom_id: '#reference'",
    'persistAuthorization: false',
    'validatorUrl: null',
  ])
    t.true(start.includes(setting), setting)
  t.true(String(page.body['text']).includes('<main id="reference">'))
  const older = await call('GET', '/docs/an-older-edition/start.js')
  t.like(older, { status: 404, body: { detail: 'There is nothing at /docs/an-older-edition/start.js.' } })
})
