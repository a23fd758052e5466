import { isIP } from 'node:net'
import type { Resolved } from './resolved.ts'

export type Hosts = ReadonlyMap<string, readonly Resolved[]>

/** Reads a hosts file (hosts(5)). A name may stand on several lines, as with an address of each family. */
export const parseHosts = (text: string): Hosts => {
  const hosts = new Map<string, Resolved[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const family = isIP(address)
    if (family === 0) continue
    for (const name of names.map(each => each.toLowerCase())) {
      const known = hosts.get(name) ?? []
      if (known.every(other => other.address !== address)) hosts.set(name, [...known, { address, family }])
    }
  }
  return hosts
}
