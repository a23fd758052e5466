import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import * as parsers from './parsers.ts'
import type { Parser } from './parsers.ts'

const key = Buffer.alloc(32, 7).toString('base64')

/** For each parser: texts with their values, and texts that it refuses. */
const cases: readonly (readonly [
  name: string,
  parser: Parser<unknown>,
  accepted: readonly (readonly [string, unknown])[],
  refused: readonly string[],
])[] = [
  [
    'wholeNumber',
    parsers.wholeNumber(1, 256),
    [
      ['1', 1],
      ['256', 256],
    ],
    ['0', '257', '1.5', '1e1', '-1', ' 1', 'one'],
  ],
  ['oneOf', parsers.oneOf('api', 'worker'), [['api', 'api']], ['API', 'all']],
  [
    'trueOrFalse',
    parsers.trueOrFalse,
    [
      ['true', true],
      ['false', false],
    ],
    ['yes', '1', 'TRUE'],
  ],
  [
    'url',
    parsers.url('http:', 'https:'),
    [
      ['https://door.example/', 'https://door.example'],
      ['http://127.0.0.1:3000/base//', 'http://127.0.0.1:3000/base'],
    ],
    ['door.example', 'ftp://door.example'],
  ],
  [
    'exactUrl',
    parsers.exactUrl('https:'),
    [['https://door.example/', 'https://door.example/']],
    ['http://door.example'],
  ],
  [
    'serverUrls',
    parsers.serverUrls('nats:', 'tls:'),
    [['nats://a:4222,b:4222', 'nats://a:4222,b:4222']],
    ['a:4222', 'http://a:4222'],
  ],
  [
    'addressRange',
    parsers.addressRange,
    [
      ['10.0.0.0/8', '10.0.0.0/8'],
      ['fd00::/8', 'fd00::/8'],
    ],
    ['10.0.0.1', '10.0.0.0/33', 'private'],
  ],
  [
    'origin',
    parsers.origin,
    [
      ['https://portal.example', 'https://portal.example'],
      ['*', '*'],
    ],
    ['https://portal.example/', 'portal.example'],
  ],
  [
    'portRange',
    parsers.portRange,
    [
      ['443', [443, 443]],
      ['1-65535', [1, 65_535]],
      ['8000-8999', [8_000, 8_999]],
    ],
    ['0', '65536', '9000-8000', '443-', 'https'],
  ],
  [
    'dnsServer',
    parsers.dnsServer,
    [
      ['10.0.0.53', '10.0.0.53'],
      ['10.0.0.53:5353', '10.0.0.53:5353'],
      ['fd00::53', 'fd00::53'],
      ['[fd00::53]:65535', '[fd00::53]:65535'],
    ],
    ['dns.example', '10.0.0.53:0', '10.0.0.53:65536', '[fd00::53', 'dns.example:53', ''],
  ],
  [
    'listOf',
    parsers.listOf(parsers.portRange),
    [
      [
        '443, 8000-8999,',
        [
          [443, 443],
          [8_000, 8_999],
        ],
      ],
      ['', []],
    ],
    ['443,none'],
  ],
  ['token', parsers.token, [['x'.repeat(16), 'x'.repeat(16)]], ['x'.repeat(15)]],
  ['base64Key', parsers.base64Key(32), [[key, Buffer.alloc(32, 7)]], ['c2hvcnQ=', Buffer.alloc(33).toString('base64')]],
]

for (const [name, parser, accepted, refused] of cases)
  test(`${name} accepts exactly the texts of its range`, t => {
    for (const [text, value] of accepted) t.deepEqual(parser(text), value, text)
    for (const text of refused) t.throws(() => parser(text), { message: /must|has "|is too short/ }, text)
  })

test('pemFile returns the text of a file with certificates, and refuses any other file', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-pem-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const [good, bad] = [join(folder, 'good.pem'), join(folder, 'bad.pem')]
  await writeFile(good, '-----BEGIN CERTIFICATE-----\n')
  await writeFile(bad, 'a key')
  t.is(parsers.pemFile(good), '-----BEGIN CERTIFICATE-----\n')
  t.throws(() => parsers.pemFile(bad), { message: /certificates in PEM/ })
  t.throws(() => parsers.pemFile(join(folder, 'none.pem')), { message: /no such file/ })
})

test('a parser with a range names it for --help', t => {
  t.is(parsers.wholeNumber(0, 65_535).accepts, '0–65535')
  t.is(parsers.oneOf('all', 'api').accepts, 'all, api')
})
