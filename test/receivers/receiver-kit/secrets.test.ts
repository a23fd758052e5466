import { createSecretKey } from 'node:crypto'
import test from 'ava'
import { createVerifier, verifyHmac } from 'doorbell/receiver'
import { newSecret, secretKey, standardSignature } from '../../../src/signing/standard-webhooks.ts'
import { issuer, subscriptionId, body } from './setup.ts'

test('during a rotation either secret verifies a request', t => {
  const [old, fresh] = [newSecret(), newSecret()]
  const timestamp = Math.floor(Date.now() / 1_000)
  const signature = [old, fresh].map(secret => standardSignature(secretKey(secret), 'a', timestamp, body)).join(' ')
  const request = { id: 'a', timestamp: String(timestamp), signature, body: Buffer.from(body) }
  t.notThrows(() => verifyHmac(old, request))
  t.notThrows(() => verifyHmac(fresh, request))
  t.throws(() => verifyHmac(newSecret(), request), { message: /no signature/ })
})

test('an empty secret is rejected, because anyone could sign with it', t => {
  const timestamp = Math.floor(Date.now() / 1_000)
  const signature = standardSignature(createSecretKey(Buffer.alloc(0)), 'a', timestamp, body)
  const request = { id: 'a', timestamp: String(timestamp), signature, body: Buffer.from(body) }
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=']) {
    t.throws(() => verifyHmac(secret, request), { instanceOf: RangeError })
    t.throws(() => createVerifier({ issuer, subscriptionId, secret }), { instanceOf: RangeError })
  }
})
