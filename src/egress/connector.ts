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

/** No name can be resolved at all: nothing is known of this one. */
export class ResolverAway extends Error {
  readonly code = 'RESOLVER_AWAY'
}

const lately = 60_000

/**
 * "Try again" (EAI_AGAIN) is said both when our resolver is away and when the name's own servers are: while other names could be
 * resolved within the last minute it is theirs, else ours.
 */
const watchResolver = () => {
  let answeredAt = -Infinity
  return {
    answered: () => void (answeredAt = performance.now()),
    answeredLately: () => performance.now() - answeredAt < lately,
  }
}
type ResolverWatch = ReturnType<typeof watchResolver>

/**
 * Connects only to addresses that it has checked itself: the socket's own look-up is the guard, so a name is resolved once for each
 * connection, all its addresses are checked before one is tried, and no second look-up can answer otherwise. They are tried in turn
 * (RFC 8305), since a name's IPv6 address may lead nowhere from here while its IPv4 address works. TLS still asks for the name.
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
    // Node's 250 ms would give up on a distant address that is well: two dead ones may come before it within the connect timeout.
    autoSelectFamilyAttemptTimeout: Math.ceil(connectTimeoutMs / 3),
    lookup: guardedLookup(guard, resolveAll, watchResolver()),
  })
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    // What the socket takes for an address it does not look up, so it is checked here; isIP is what the socket asks.
    if (!portAllowed(new URL(`${options.protocol}//${options.host ?? options.hostname}`)))
      return callback(new RefusedAddress(`port ${options.port} is not one that deliveries may go to`), null)
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
    const away = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN' && !resolver.answeredLately()
    throw away
      ? new ResolverAway('our resolver does not answer', { cause: error })
      : new Unresolved(`${host} could not be resolved`, { cause: error })
  })
  resolver.answered()
  if (first === undefined) throw new Unresolved(`${host} has no address`)
  const bad = [first, ...others].find(({ address }) => !guard.allows(address))
  if (bad !== undefined) throw refusedAddress(bad.address)
  return [first, ...others]
}

const refusedAddress = (address: string) => new RefusedAddress(`${address} is in a private or reserved range`)
