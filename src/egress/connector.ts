import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import type { AddressGuard } from './addresses.ts'
import { guardedLookup, RefusedAddress, refusedAddress } from './guarded-lookup.ts'
import { connectOptions } from './http-options.ts'
import type { ResolveAll } from './names/resolved.ts'

/**
 * Creates a connector that connects only to checked addresses. The guard is part of the socket's own look-up: a name is resolved once for each
 * connection, all its addresses are checked before one is tried, and no second look-up can return another address. The addresses are tried
 * in order (RFC 8305), because a name's IPv6 address may be unreachable while its IPv4 address works. TLS still verifies the name.
 */
export const guardedConnector = ({
  guard,
  portAllowed,
  resolveAll,
  connectTimeoutMs,
  ca,
}: {
  readonly guard: AddressGuard
  readonly portAllowed: (url: URL) => boolean
  readonly resolveAll: ResolveAll
  readonly connectTimeoutMs: number
  /** PEM of private authorities. */
  readonly ca: string | null
}): buildConnector.connector => {
  const connect = buildConnector({
    ...connectOptions(connectTimeoutMs, ca),
    lookup: guardedLookup(guard, resolveAll),
  })
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    // The socket does not look up an address, so it is checked here, with the same `isIP` that the socket uses.
    if (!portAllowed(new URL(`${options.protocol}//${options.host ?? options.hostname}`)))
      return callback(new RefusedAddress(`deliveries to port ${options.port} are not allowed`), null)
    if (isIP(host) === 0 || guard.allows(host)) connect(options, callback)
    else callback(refusedAddress(host), null)
    return undefined
  }
}
