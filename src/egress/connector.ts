import { lookup } from 'node:dns'
import { promisify } from 'node:util'
import { buildConnector } from 'undici'
import { type AddressGuard, addressOf } from './addresses.ts'

export interface Resolved {
  readonly address: string
  readonly family: number
}
/** All addresses of a name, from one look-up. */
export type ResolveAll = (host: string) => Promise<readonly Resolved[]>

const lookupAll = promisify(lookup)
export const systemResolver: ResolveAll = host => lookupAll(host, { all: true })

/** An address that the guard refuses: nothing was sent. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS'
}

/** A name that could not be resolved. */
export class Unresolved extends Error {
  readonly code = 'UNRESOLVED'
}

/**
 * Connects only to addresses that it has checked itself: a name is resolved once for each connection, every address is checked, and the
 * connection is made to a checked one, so that no second look-up can answer otherwise. TLS still asks for the name.
 */
export const guardedConnector = (
  guard: AddressGuard,
  resolveAll: ResolveAll,
  connectTimeoutMs: number,
): buildConnector.connector => {
  const connect = buildConnector({ timeout: connectTimeoutMs, maxCachedSessions: 100, minVersion: 'TLSv1.2' })

  const checkedAddress = async (host: string): Promise<string> => {
    const literal = addressOf(host)
    const found = literal === null ? await resolve(host) : [{ address: literal, family: 0 }]
    const bad = found.find(({ address }) => !guard.allows(address))
    if (bad !== undefined) throw new RefusedAddress(`${bad.address} is in a private or reserved range`)
    const [first] = found
    if (first === undefined) throw new Unresolved(`${host} has no address`)
    return first.address
  }
  const resolve = (host: string) =>
    resolveAll(host).catch((error: unknown) => {
      throw new Unresolved(`${host} could not be resolved`, { cause: error })
    })

  return (options, callback) => {
    checkedAddress(options.hostname).then(
      address =>
        connect(
          { ...options, hostname: address, servername: options.servername || serverName(options.hostname) },
          callback,
        ),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

/** The name for TLS; an address has none (RFC 6066 §3). */
const serverName = (host: string): string => (addressOf(host) === null ? host : '')
