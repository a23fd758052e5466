import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './addresses.ts'
import { Unresolved } from './names/name-errors.ts'
import type { Resolved, ResolveAll } from './names/resolved.ts'

/** The guard refused the address; nothing was sent. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS'
}

/** Creates the look-up of a socket. Its addresses are all allowed, or it fails with what the names failed with, or with RefusedAddress. */
export const guardedLookup =
  (guard: AddressGuard, resolveAll: ResolveAll): LookupFunction =>
  (host, options, callback) => {
    checkedAddresses(host, guard, resolveAll).then(
      ([first, ...others]) =>
        options.all === true ? callback(null, [first, ...others]) : callback(null, first.address, first.family),
      (error: Error) => callback(error, []),
    )
  }

const checkedAddresses = async (
  host: string,
  guard: AddressGuard,
  resolveAll: ResolveAll,
): Promise<[Resolved, ...Resolved[]]> => {
  const [first, ...others] = await resolveAll(host)
  if (first === undefined) throw new Unresolved(`${host} has no address`, { denied: true })
  const bad = [first, ...others].find(({ address }) => !guard.allows(address))
  if (bad !== undefined) throw refusedAddress(bad.address)
  return [first, ...others]
}

export const refusedAddress = (address: string) => new RefusedAddress(`${address} is in a private or reserved range`)
