import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { buildConnector } from 'undici'
import type { AddressGuard } from './addresses.ts'

export interface Resolved {
  readonly address: string
  readonly family: number
}
/** Returns all addresses of a name, from one look-up. */
export type ResolveAll = (host: string) => Promise<readonly Resolved[]>

const lookupAll = promisify(lookup)
export const systemResolver: ResolveAll = host => lookupAll(host, { all: true })

/** The guard refused the address; nothing was sent. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS'
}

/** The name could not be resolved. */
export class Unresolved extends Error {
  readonly code = 'UNRESOLVED'
}

/** The resolver does not answer, so nothing is known about the name. */
export class ResolverAway extends Error {
  readonly code = 'RESOLVER_AWAY'
}

const recentMs = 60_000

/**
 * EAI_AGAIN ("try again") means that either our resolver or the name's own servers do not answer. If another name was resolved within the
 * last minute, the name's servers are at fault, otherwise our resolver is.
 */
const watchResolver = () => {
  let answeredAt = -Infinity
  return {
    answered: () => void (answeredAt = performance.now()),
    answeredRecently: () => performance.now() - answeredAt < recentMs,
  }
}
type ResolverWatch = ReturnType<typeof watchResolver>

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
    timeout: connectTimeoutMs,
    maxCachedSessions: 100,
    minVersion: 'TLSv1.2',
    ...(ca === null ? {} : { ca: [...getCACertificates('default'), ca] }),
    allowH2: false,
    autoSelectFamily: true,
    // Node's default of 250 ms would give up on distant addresses. A third of the connect timeout allows two dead addresses before a good one.
    autoSelectFamilyAttemptTimeout: Math.ceil(connectTimeoutMs / 3),
    lookup: guardedLookup(guard, resolveAll, watchResolver()),
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

const guardedLookup =
  (guard: AddressGuard, resolveAll: ResolveAll, resolver: ResolverWatch): LookupFunction =>
  (host, options, callback) => {
    checkedAddresses(host, guard, resolveAll, resolver).then(
      ([first, ...others]) =>
        options.all === true ? callback(null, [first, ...others]) : callback(null, first.address, first.family),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
    )
  }

const checkedAddresses = async (
  host: string,
  guard: AddressGuard,
  resolveAll: ResolveAll,
  resolver: ResolverWatch,
): Promise<[Resolved, ...Resolved[]]> => {
  const [first, ...others] = await resolveAll(host).catch((error: unknown) => {
    const away = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN' && !resolver.answeredRecently()
    throw away
      ? new ResolverAway('the resolver does not answer', { cause: error })
      : new Unresolved(`${host} could not be resolved`, { cause: error })
  })
  resolver.answered()
  if (first === undefined) throw new Unresolved(`${host} has no address`)
  const bad = [first, ...others].find(({ address }) => !guard.allows(address))
  if (bad !== undefined) throw refusedAddress(bad.address)
  return [first, ...others]
}

const refusedAddress = (address: string) => new RefusedAddress(`${address} is in a private or reserved range`)
