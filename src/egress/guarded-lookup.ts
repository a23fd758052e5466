import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { promisify } from 'node:util'
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

/** Creates the look-up of a socket. Its addresses are all allowed, or it fails with one of the errors above. `now` is in ms from any start. */
export const guardedLookup = (
  guard: AddressGuard,
  resolveAll: ResolveAll,
  now: () => number = () => performance.now(),
): LookupFunction => {
  const resolver = watchResolver(now)
  return (host, options, callback) => {
    checkedAddresses(host, guard, resolveAll, resolver).then(
      ([first, ...others]) =>
        options.all === true ? callback(null, [first, ...others]) : callback(null, first.address, first.family),
      (error: Error) => callback(error, []),
    )
  }
}

const recentMs = 60_000

/**
 * EAI_AGAIN ("try again") means that either our resolver or the name's own servers do not answer. If another name was resolved within the
 * last minute, the name's servers are at fault, otherwise our resolver is.
 */
const watchResolver = (now: () => number) => {
  let answeredAt = -Infinity
  return {
    answered: () => void (answeredAt = now()),
    answeredRecently: () => now() - answeredAt < recentMs,
  }
}
type ResolverWatch = ReturnType<typeof watchResolver>

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

export const refusedAddress = (address: string) => new RefusedAddress(`${address} is in a private or reserved range`)
