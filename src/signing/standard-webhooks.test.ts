import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Webhook } from 'standardwebhooks'
import { createStandardSigner, newSecret, secretKey, standardSignature } from './standard-webhooks.ts'

const file = join(import.meta.dirname, '../../examples/receivers/vectors.json')
const { secret, vectors } = JSON.parse(await readFile(file, 'utf8')) as {
  secret: string
  vectors: { verdict: string; headers: Record<string, string>; body: string }[]
}

test('a signature is that of the shared vectors, and of the reference implementation', t => {
  const key = secretKey(secret)
  let compared = 0
  for (const { verdict, headers, body } of vectors) {
    const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': expected = '' } = headers
    if (verdict !== 'accepted') continue
    const signature = standardSignature(key, id, Number(timestamp), body)
    t.true(expected.split(' ').includes(signature))
    t.is(new Webhook(secret).sign(id, new Date(Number(timestamp) * 1_000), body), signature)
    compared += 1
  }
  t.true(compared >= 5)
})

test('a new secret has 32 random bytes, and the reference implementation accepts what it signs', t => {
  const secrets = Array.from({ length: 20 }, newSecret)
  t.is(new Set(secrets).size, 20)
  for (const each of secrets) {
    t.regex(each, /^whsec_[A-Za-z0-9+/]{43}=$/)
    const timestampS = Math.floor(Date.now() / 1_000)
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestampS),
      'webhook-signature': standardSignature(secretKey(each), 'evt_1', timestampS, '{"name":"Zoë"}'),
    }
    t.deepEqual(new Webhook(each).verify('{"name":"Zoë"}', headers), { name: 'Zoë' })
  }
})

test('each secret of a subscription gives one signature, in order, and is decrypted once', async t => {
  const opened: string[] = []
  const [first, second] = [newSecret(), newSecret()]
  const sign = createStandardSigner(async sealed => {
    opened.push(sealed)
    return sealed === 'one' ? first : second
  })
  const expected = [first, second].map(each => standardSignature(secretKey(each), 'evt_1', 1_772_441_772, '{}'))
  t.is(await sign(['one', 'two'], 'evt_1', 1_772_441_772, '{}'), expected.join(' '))
  t.is(await sign(['two'], 'evt_1', 1_772_441_772, '{}'), expected[1] ?? '')
  t.deepEqual(opened, ['one', 'two'])
})
