import test from 'ava'
import { Failure } from '../domain/failure.ts'
import { createAddressGuard } from './addresses.ts'
import { checkUrl, type UrlRules } from './check-url.ts'
import { createPortRule } from './ports.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'receiver.example': ['93.184.216.34'],
  'inside.example': ['93.184.216.34', '10.0.0.1'],
  'empty.example': [],
  // An address is not looked up.
  '93.184.216.34': ['10.0.0.1'],
}
const rules = (change: Partial<UrlRules> = {}): UrlRules => ({
  guard: createAddressGuard(['127.0.0.0/8']),
  portAllowed: createPortRule(null),
  http: false,
  resolveAll: async host => {
    const found = names[host]
    if (found === undefined) throw new Error('no such name')
    return found.map(address => ({ address, family: 4 }))
  },
  ...change,
})
const detailOf = (url: string, change: Partial<UrlRules> = {}) =>
  checkUrl(url, rules(change)).then(
    () => 'accepted',
    (error: unknown) => {
      if (!(error instanceof Failure) || error.code !== 'url_refused') throw error
      const [fault] = error.faults
      return fault?.pointer === '/url' && error.message === `The url cannot be used: ${fault.detail}`
        ? fault.detail
        : ''
    },
  )

test('a url is accepted, also one whose name does not resolve yet', async t => {
  for (const url of [
    'https://receiver.example/hook?a=b',
    'https://receiver.example/%7Btenant%7d/a%20b?c=100%25',
    'https://receiver.example:8443/',
    'HTTPS://RECEIVER.example/',
    'https://unknown.example/',
    'https://empty.example/',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/',
    'https://127.0.0.1:8443/',
  ])
    t.is(await detailOf(url), 'accepted', url)
})

test('a url that cannot be used is refused with the reason and what to use instead', async t => {
  for (const [url, detail] of [
    ['receiver.example', /not an absolute url/],
    ['https://receiver.example/{tenant}/hook', /^it contains \{tenant\}, and Doorbell fills in no placeholders/],
    ['https://receiver.example/?a=${TENANT}', /^it contains \$\{TENANT\}, and/],
    ['https://{tenant}.example/', /^it contains \{tenant\}, and/],
    ['https://<tenant>.example/', /^it contains <tenant>, and/],
    ['https://receiver.example/{', /^it contains \{, and/],
    ['https://receiver.example/?a=%zz', /^it contains %zz, and % must begin .*Write %25/],
    ['https://receiver.example/100%', /^it contains %, and/],
    ['https://receiver.example/%4', /^it contains %4, and/],
    ['ftp://receiver.example/', /^ftp: is not supported/],
    ['http://receiver.example/', /plain http is not allowed/],
    ['https://user@receiver.example/', /contains credentials/],
    ['https://:secret@receiver.example/', /contains credentials/],
    ['https://receiver.example/#a', /contains a fragment/],
    ['https://receiver.example:22/', /port 22 .*DOORBELL_EGRESS_PORTS/],
    ['https://10.0.0.1/', /^10\.0\.0\.1 is in a private .*DOORBELL_EGRESS_ALLOW/],
    ['https://[::1]/', /^::1 is in a private/],
    ['https://inside.example/', /^inside\.example resolves to 10\.0\.0\.1\. 10\.0\.0\.1 is in a private/],
  ] as const)
    t.regex(await detailOf(url), detail, url)
})

test('an address is accepted only as it is usually written', async t => {
  for (const host of ['2130706433', '0x7f000001', '0177.0.0.1', '127.1'])
    t.is(await detailOf(`https://${host}:8443/`), 'its address is written in an unusual form. Use 127.0.0.1:8443', host)
})

test('plain http is accepted where the operator allows it', async t => {
  t.is(await detailOf('http://receiver.example/', { http: true }), 'accepted')
})
