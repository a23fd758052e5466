import type { Snippet } from './snippet.ts'

export const nodeSnippet = (iss: string, aud: string): Snippet => ({
  label: 'Node',
  install: 'npm install jose',
  code: `import { createRemoteJWKSet, flattenedVerify } from 'jose'

const keys = createRemoteJWKSet(new URL('${iss}/.well-known/jwks.json'))

// body: the raw bytes of the request. Throws if the request is not authentic: answer 401.
export const verify = async (headers, body) => {
  const [protectedHeader, , signature] = (headers['webhook-jws'] ?? '').split('.')
  const payload = Buffer.from(body).toString('base64url')
  const signed = { protected: protectedHeader, payload, signature }
  const { protectedHeader: header } = await flattenedVerify(signed, keys, { algorithms: ['ES256', 'Ed25519'] })
  const expected = {
    typ: 'webhook+jws',
    iss: '${iss}',
    aud: '${aud}',
    eid: headers['webhook-id'],
  }
  for (const [name, value] of Object.entries(expected))
    if (header[name] !== value) throw new Error(\`\${name} is not \${value}\`)
  if (!(Math.abs(Date.now() / 1000 - header.iat) <= 300)) throw new Error('signed too long ago')
  return JSON.parse(body) // process each id once; answer 2xx within seconds
}
`,
})
