import test from 'ava'
import { startDoorbell } from '../support/doorbell.ts'

test('a browser may keep the page’s files for good, and no other file of the machine is served', async t => {
  const { service } = await startDoorbell(t)
  const page = await fetch(service.url)
  const html = await page.text()
  t.is(page.headers.get('cache-control'), 'no-cache')
  t.regex(page.headers.get('content-security-policy') ?? '', /script-src 'self' 'sha256-[^']+'; style-src 'self';/)
  const unchanged = await fetch(service.url, {
    headers: { 'if-none-match': page.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
  })
  t.is(unchanged.status, 304)

  // One style sheet of the page's own, after those of the packages.
  t.regex(html, /style\.css">/)
  const addresses = [...html.matchAll(/(?:src|href)="(\/portal\/[^"]+)"/g)].map(([, address = '']) => address)
  t.true(addresses.length > 20)
  for (const address of addresses) {
    const file = await fetch(service.url + address)
    t.is(file.status, 200, address)
    t.regex(file.headers.get('content-type') ?? '', /^(text\/(javascript|css)|image\/svg\+xml)/, address)
    t.is(file.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    t.not((await file.text()).length, 0)
  }

  const main = addresses.find(address => address.endsWith('/render.ts')) ?? ''
  t.notRegex(await (await fetch(service.url + main)).text(), /import type/)
  const library = addresses.find(address => address.startsWith('/portal/lib/preact')) ?? ''
  for (const path of [
    main.replace('render.ts', 'tsconfig.json'),
    main.replace('render.ts', '..%2f..%2fportal.ts'),
    library.replace(/dist.*/, 'package.json'),
    library.replace(/dist.*/, '..%2fhtm%2fdist%2fhtm.module.js'),
    '/portal/lib/koa@3.0.0/lib/application.js',
    '/portal/page/other/render.ts',
  ])
    t.is((await fetch(service.url + path)).status, 404, path)
})
