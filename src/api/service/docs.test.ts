import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'

test('the API reference loads compressed files that a browser keeps for good', async t => {
  const { call } = await serveApi(t)
  const page = await call('GET', '/docs')
  t.is(page.headers.get('cache-control'), 'no-cache')
  const files = [...String(page.body['text']).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
  t.is(files.length, 4)
  for (const file of files) {
    const { status, headers } = await call('GET', file)
    t.is(status, 200, file)
    t.is(headers.get('cache-control'), 'public, max-age=31536000, immutable', file)
    t.is(headers.get('content-encoding'), file.endsWith('.png') ? null : 'gzip', file)
    t.true(Number(headers.get('content-length')) < 500_000, file)
    const known = { 'if-none-match': headers.get('etag') ?? '', 'cache-control': 'max-age=0' }
    t.is((await call('GET', file, undefined, known)).status, 304, file)
  }
  t.is((await call('GET', '/docs/an-older-edition/start.js')).status, 404)
})
