import { once } from 'node:events'
import { connect } from 'node:tls'
import { MongoClient } from 'mongodb'
import { Failure } from '../domain/failure.ts'

const withinMs = 2_000

/**
 * A server closes a connection that does not speak TLS as it does, without a reason. Whether that is the cause is found by asking the other
 * way. Returns null when the server does not answer that way either.
 */
export const findTlsMismatch = async ({ options }: MongoClient): Promise<Failure | null> => {
  for (const { host, port } of options.hosts) {
    if (host === undefined || port === undefined) continue
    const address = `${host}:${port}`
    if (!options.tls && (await speaksTls(host, port)))
      return new Failure('invalid_settings', `The MongoDB at ${address} speaks only TLS: add tls=true to MONGODB_URL.`)
    if (options.tls && (await speaksPlain(address)))
      return new Failure(
        'invalid_settings',
        `The MongoDB at ${address} does not speak TLS: remove tls=true from MONGODB_URL.`,
      )
  }
  return null
}

const speaksTls = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(withinMs) })
    return true
  } catch {
    return false
  } finally {
    // A late error must not be an uncaught one.
    socket.on('error', () => undefined).destroy()
  }
}

const speaksPlain = async (address: string): Promise<boolean> => {
  const client = new MongoClient(`mongodb://${address}/?directConnection=true`, { serverSelectionTimeoutMS: withinMs })
  try {
    await client.db('admin').command({ hello: 1 })
    return true
  } catch {
    return false
  } finally {
    await client.close()
  }
}
