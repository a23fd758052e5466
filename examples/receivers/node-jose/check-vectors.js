// Prints a verdict for each request of a file of vectors: node check-vectors.js ../vectors.json
import { readFileSync } from 'node:fs'
import { createLocalJWKSet } from 'jose'
import { Refused, verify } from './verify.js'

const { jwks, vectors, ...settings } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const keys = createLocalJWKSet(jwks)
for (const { name, now, headers, body } of vectors) {
  const verdict = await verify({ ...settings, keys }, headers, Buffer.from(body), now).then(
    () => 'accepted',
    error => {
      if (error instanceof Refused) return 'refused'
      throw error
    },
  )
  console.log(verdict, name)
}
