import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { VerificationError, verifyHmac } from 'doorbell/receiver'
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
