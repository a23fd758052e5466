import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { createVerifier, VerificationError, verifyHmac } from 'doorbell/receiver'
import { content, vectors as made, type Vector } from '../../examples/receivers/make-vectors.ts'

const folder = join(import.meta.dirname, '../../examples/receivers')
const file = join(folder, 'vectors.json')
const stored = JSON.parse(await readFile(file, 'utf8')) as typeof content

test('the stored vectors are those that the script makes', t => {
  // An ES256 signature contains a random number.
  const comparable = ({ headers, ...vector }: Vector) => ({
    ...vector,
    headers: { ...headers, 'webhook-jws': headers['webhook-jws']?.split('.').slice(0, 2) },
  })
  t.deepEqual(
    { ...stored, vectors: stored.vectors.map(comparable) },
    { ...content, vectors: made.map(comparable) },
    'run node examples/receivers/make-vectors.ts',
  )
  t.is(new Set(made.map(({ name }) => name)).size, made.length)
})

test('the receiver kit accepts and rejects the vectors as expected, with the expected codes', async t => {
  const server = createServer((_, response) => response.end(JSON.stringify(stored.jwks)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const { issuer, subscriptionId, secret } = stored
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const { name, now, headers, body, code } of stored.vectors) {
    const verifier = createVerifier({ issuer, subscriptionId, secret, jwksUrl, now: () => now * 1_000 })
    const verdict = await verifier.verify(headers, body).then(
      () => undefined,
      (error: unknown) => (error instanceof VerificationError ? error.code : String(error)),
    )
    t.is(verdict, code, name)
  }
})

test('verifyHmac rejects a wrong HMAC and nothing else', t => {
  for (const { name, now, headers, body, fault } of stored.vectors) {
    const [id = '', timestamp = '', signature = ''] = ['id', 'timestamp', 'signature'].map(
      part => headers[`webhook-${part}`],
    )
    const verify = () => verifyHmac(stored.secret, { id, timestamp, signature, body: Buffer.from(body) }, { nowS: now })
    if (fault === 'hmac' || fault === 'both') t.throws(verify, { instanceOf: VerificationError }, name)
    else t.notThrows(verify, name)
  }
})
