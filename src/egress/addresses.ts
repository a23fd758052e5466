import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = [Address, number]

/** Decides which addresses deliveries may reach: public unicast ones, and those that the operator allows. */
export interface AddressGuard {
  allows(address: string): boolean
}

/** Public by number, but served by the platform itself: Azure's wire server hands out credentials of the machine. */
const platformAddresses = new Set(['168.63.129.16'])

export const createAddressGuard = (allowedRanges: readonly string[]): AddressGuard => {
  const allowed: readonly Range[] = allowedRanges.map(range => ipaddr.parseCIDR(range))
  const inAllowed = (address: Address) =>
    allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
  return {
    allows: text => {
      if (!ipaddr.isValid(text)) return false
      // An IPv4 address inside IPv6 (::ffff:127.0.0.1) is checked as the IPv4 address that it reaches.
      const address = ipaddr.process(text)
      const isPublic = address.range() === 'unicast' && isGlobal(address) && !platformAddresses.has(address.toString())
      return isPublic || inAllowed(address)
    },
  }
}

/** All public IPv6 is in 2000::/3 (RFC 4291 §2.4); an address outside may be an IPv4 address in an old form, such as ::127.0.0.1. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
const isGlobal = (address: Address): boolean =>
  address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(globalUnicast)

/** Returns the host of a url if it is an address, without the brackets of IPv6; null for a name. */
export const addressOf = (host: string): string | null => {
  const bare = host.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(bare) ? bare : null
}
