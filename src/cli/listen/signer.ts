import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StoredKey } from '../../domain/signing-key.ts'
import { hmacKey } from '../../receiver/hmac.ts'
import { createKeyRing, type KeyStore } from '../../signing/key-ring.ts'
import { createSealer } from '../../signing/sealer.ts'
import { secretKey, standardSignature } from '../../signing/standard-webhooks.ts'
import { UserError } from '../command.ts'

export interface LocalSigner {
  /** The URL that serves the key set. */
  readonly issuer: string
  readonly subscriptionId: string
  readonly secret: string
  /** The headers that the service sends with an attempt. */
  headersOf(eventId: string, body: string): Promise<Record<string, string>>
  stop(): void
}

const subscriptionId = 'sub_listen'

/** Signs as the service does, with a key that it creates and serves at a port of this machine. Throws UserError. */
export const startLocalSigner = async (port: number, token: string, given: string | null): Promise<LocalSigner> => {
  const secret = given ?? secretOf(token)
  const key = keyOf(secret)
  const server = createServer()
  const issuer = await listening(server, port)
  const sealer = createSealer(randomBytes(32))
  const ring = await createKeyRing({ store: memoryStore(), sealer, issuer, now: Date.now })
  server.on('request', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' }).end(JSON.stringify(ring.jwks()))
  })
  return {
    issuer,
    subscriptionId,
    secret,
    headersOf: async (eventId, body) => {
      const at = Date.now()
      const timestampS = Math.floor(at / 1_000)
      return {
        'content-type': 'application/json',
        'user-agent': 'Doorbell (listen)',
        'webhook-id': eventId,
        'webhook-timestamp': String(timestampS),
        'webhook-signature': standardSignature(key, eventId, timestampS, body),
        'webhook-jws': await ring.sign({ eventId, subscriptionId, attempt: 1, body, at }),
        'webhook-attempt': '1',
      }
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The same for the same token, so that a receiver's settings stay valid for the next run. It does not reveal the token. */
const secretOf = (token: string): string =>
  `whsec_${createHmac('sha256', token).update('doorbell listen').digest('base64')}`

const keyOf = (secret: string): KeyObject => {
  try {
    hmacKey(secret)
  } catch {
    throw new UserError('--secret must be whsec_… with at least 24 bytes.')
  }
  return secretKey(secret)
}

const memoryStore = (): KeyStore => {
  const keys: StoredKey[] = []
  return {
    load: async () => keys,
    insertFirst: async key => {
      keys.push(key)
      return keys
    },
    rotate: async () => false,
    forgetRetired: async () => 0,
  }
}

const listening = (server: ReturnType<typeof createServer>, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UserError(
          `The key set cannot be served at port ${port} (${error.code}). Choose another port with --keys-port.`,
        ),
      ),
    )
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
