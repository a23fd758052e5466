import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import test from 'ava'
import { page } from '../test/support/documented-table.ts'
import { Failure } from '../src/domain/failure.ts'
import { loadSettings } from './load.ts'
import { allSettings, groups, identityProvider } from './settings.ts'
import { settingsPage } from './settings-page.ts'

const documented = new Map(
  [...page('docs/settings.md').matchAll(/^\| `(\w+)` \| (.+) \| (.*) \| (.+) \|$/gm)].map(
    ([, name = '', , accepts = '', shown = '']) => [name, { accepts, shown }],
  ),
)
const keys = new Map(groups.flatMap(([, settings]) => Object.entries(settings).map(([key, { name }]) => [name, key])))

/** The value that this text has as this setting, or `refused`. The settings that contradict it are set as well. */
const valueOf = (name: string, text: string, others: Record<string, string> = {}): unknown => {
  const whole = { ...others, [name]: text }
  const own = Object.values(identityProvider).some(each => each.name === name)
  if (own) whole['DOORBELL_IDP_ISSUER'] ??= 'https://idp.example'
  try {
    const settings: object = loadSettings(whole)
    const values = own ? (settings as { identityProvider: object }).identityProvider : settings
    return values[keys.get(name) as never]
  } catch (error) {
    if (!(error instanceof Failure) || error.faults.some(({ pointer }) => pointer !== name)) throw error
    return 'refused'
  }
}

const named = {
  NATS_URL: 'nats://127.0.0.1:4222',
  MONGODB_URL: 'mongodb://127.0.0.1:27017',
  DOORBELL_ADMIN_TOKEN: 'x'.repeat(16),
  DOORBELL_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
}
/** What a value needs beside it. */
const besides: Readonly<Record<string, Record<string, string>>> = {
  DOORBELL_ROLE: named,
  DOORBELL_PAYLOAD_RETENTION_DAYS: { DOORBELL_LOG_RETENTION_DAYS: '365' },
  DOORBELL_LOG_RETENTION_DAYS: { DOORBELL_PAYLOAD_RETENTION_DAYS: '1' },
  PORT: { DOORBELL_METRICS_PORT: '' },
}
const asValue = (text: string) =>
  /^(true|false)$/.test(text) ? text === 'true' : /^\d+$/.test(text) ? Number(text) : text

test('docs/settings.md lists the settings as they are', t => {
  t.is(page('docs/settings.md'), settingsPage(), 'run npm run generate')
  t.deepEqual(
    [...documented.keys()],
    allSettings.map(({ name }) => name),
  )
})

test('each number is accepted from the first to the last of its range, and not beyond', t => {
  let count = 0
  for (const [name, { accepts }] of documented) {
    const [, least, most] = /^(\d+)–(\d+)$/.exec(accepts) ?? []
    if (most === undefined) continue
    count += 1
    for (const text of [String(least), most]) t.is(valueOf(name, text, besides[name]), Number(text), `${name}=${text}`)
    for (const text of [String(Number(least) - 1), String(Number(most) + 1), '1.5', 'x'])
      t.is(valueOf(name, text, besides[name]), 'refused', `${name}=${text}`)
  }
  t.is(count, 13)
})

test('each choice is accepted with exactly its values', t => {
  let count = 0
  for (const [name, { accepts }] of documented) {
    if (!accepts.includes(', ')) continue
    count += 1
    for (const text of accepts.split(', ')) t.is(valueOf(name, text, besides[name]), asValue(text), `${name}=${text}`)
    for (const text of ['other', accepts.toUpperCase(), 'a']) t.is(valueOf(name, text, besides[name]), 'refused', name)
  }
  t.is(count, 5)
})

const folder = mkdtempSync(join(tmpdir(), 'doorbell-settings-'))
test.after.always(() => rmSync(folder, { recursive: true }))
const [pem, noPem] = [join(folder, 'good.pem'), join(folder, 'bad.pem')]
writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n')
writeFileSync(noPem, 'a key')
const keyOf = (byte: number) => Buffer.alloc(32, byte)
const text = (value: Buffer) => value.toString('base64')

/** Settings without a range: a text, its value, and texts that are refused. */
const others: Readonly<Record<string, readonly [text: string, value: unknown, ...refused: readonly string[]]>> = {
  HOST: ['0.0.0.0', '0.0.0.0'],
  PUBLIC_URL: ['https://door.example/', 'https://door.example', 'door.example', 'ftp://door.example'],
  NATS_URL: ['nats://a:4222,b:4222', 'nats://a:4222,b:4222', 'a:4222', 'http://a:4222'],
  DOORBELL_NATS_MONITOR_URL: [
    'http://nats-1:8222, https://nats-2:8222/',
    ['http://nats-1:8222', 'https://nats-2:8222'],
    'nats://nats-1:8222',
    'nats-1',
  ],
  MONGODB_URL: ['mongodb+srv://a/?replicaSet=rs', 'mongodb+srv://a/?replicaSet=rs', 'a:27017', 'http://a'],
  DOORBELL_DATA_DIR: ['some/folder', resolve('some/folder')],
  DOORBELL_ADMIN_TOKEN: ['x'.repeat(16), 'x'.repeat(16), 'x'.repeat(15), 'x'],
  DOORBELL_ENCRYPTION_KEY: [text(keyOf(1)), keyOf(1), 'x', text(Buffer.alloc(31)), text(Buffer.alloc(33))],
  DOORBELL_ENCRYPTION_KEY_PREVIOUS: [
    `${text(keyOf(1))},${text(keyOf(2))}`,
    [keyOf(1), keyOf(2)],
    `${text(keyOf(1))},x`,
    text(Buffer.alloc(31)),
  ],
  DOORBELL_EGRESS_ALLOW: ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8'], '10.0.0.1', '10.0.0.0/33', 'private'],
  DOORBELL_JAEGER_URL: ['http://127.0.0.1:16686/', 'http://127.0.0.1:16686', '127.0.0.1:16686'],
  DOORBELL_IDP_ISSUER: ['https://idp.example/', 'https://idp.example/', 'idp.example', 'ftp://idp.example'],
  DOORBELL_IDP_AUDIENCE: ['portal', 'portal'],
  DOORBELL_IDP_JWKS_URL: ['https://idp.example/keys/', 'https://idp.example/keys', 'keys'],
  DOORBELL_IDP_TENANT_CLAIM: ['org.tenant', 'org.tenant'],
  DOORBELL_IDP_ROLE_CLAIM: ['roles', 'roles'],
  DOORBELL_IDP_OPERATOR_ROLE: ['staff', 'staff'],
  DOORBELL_METRICS_HOST: ['0.0.0.0', '0.0.0.0'],
  DOORBELL_EGRESS_PORTS: [
    '443,8000-8999',
    [
      [443, 443],
      [8_000, 8_999],
    ],
    '8999-8000',
    '0',
    '65536',
    '1-65536',
    'https',
  ],
  DOORBELL_EGRESS_CA: [pem, '-----BEGIN CERTIFICATE-----\n', noPem, join(folder, 'none.pem')],
  DOORBELL_EGRESS_DNS: ['10.0.0.53,[fd00::53]:5353', ['10.0.0.53', '[fd00::53]:5353'], 'dns.example'],
  DOORBELL_CORS_ORIGINS: [
    'https://portal.example, *',
    ['https://portal.example', '*'],
    'https://portal.example/',
    'https://portal.example/page',
    'portal.example',
    'null',
  ],
}

/** Texts that are accepted as they are. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  PUBLIC_URL: ['http://127.0.0.1:3000/base'],
  NATS_URL: ['tls://a:4222'],
  MONGODB_URL: ['mongodb://a,b,c/?replicaSet=rs'],
  DOORBELL_JAEGER_URL: ['https://jaeger.example'],
  DOORBELL_IDP_ISSUER: ['http://127.0.0.1:8080'],
  DOORBELL_IDP_JWKS_URL: ['http://127.0.0.1:8080/keys'],
}

test('each other setting accepts what its kind is, and refuses the rest', t => {
  for (const [name, [good, value, ...refused]] of Object.entries(others)) {
    t.deepEqual(valueOf(name, good), value, name)
    for (const also of accepted[name] ?? []) t.is(valueOf(name, also), also, `${name}=${also}`)
    for (const bad of refused) t.is(valueOf(name, bad), 'refused', `${name}=${bad}`)
  }
  t.deepEqual(
    [...documented].flatMap(([name, { accepts }]) => (accepts === '' ? [name] : [])),
    Object.keys(others),
  )
})

test('each setting that is not given has the default that is documented', t => {
  const words: Readonly<Record<string, unknown>> = {
    'http://HOST:PORT': null,
    'an embedded nats-server': null,
    'an embedded mongod': null,
    '.doorbell': resolve('.doorbell'),
    'generated in the data folder if a server is embedded, otherwise required': null,
    'none: no /metrics': null,
    'no links': null,
    'all but those of well-known other services': null,
    'only public authorities': null,
    'those of the system': null,
    'ISSUER/.well-known/jwks.json': 'https://idp.example/.well-known/jwks.json',
    HOST: '127.0.0.1',
  }
  const noLists = new Set([
    'DOORBELL_NATS_MONITOR_URL',
    'DOORBELL_ENCRYPTION_KEY_PREVIOUS',
    'DOORBELL_EGRESS_ALLOW',
    'DOORBELL_CORS_ORIGINS',
  ])
  for (const [name, { shown }] of documented) {
    if (name === 'DOORBELL_IDP_ISSUER') continue
    const value = shown in words ? words[shown] : shown === 'none' ? (noLists.has(name) ? [] : null) : asValue(shown)
    t.deepEqual(valueOf(name, ''), value, name)
  }
  t.is(loadSettings({}).identityProvider, null)
  t.deepEqual(loadSettings({ DOORBELL_IDP_ISSUER: 'https://idp.example/' }).identityProvider, {
    issuer: 'https://idp.example/',
    audience: 'doorbell',
    jwksUrl: 'https://idp.example/.well-known/jwks.json',
    tenantClaim: 'tenant',
    roleClaim: 'role',
    operatorRole: null,
  })
})

test('the values of exactly the secret settings are never printed', t => {
  t.true(allSettings.every(({ isSecret }) => typeof isSecret === 'boolean'))
  t.deepEqual(
    allSettings.flatMap(({ name, isSecret }) => (isSecret ? [name] : [])),
    ['DOORBELL_ADMIN_TOKEN', 'DOORBELL_ENCRYPTION_KEY', 'DOORBELL_ENCRYPTION_KEY_PREVIOUS'],
  )
})
