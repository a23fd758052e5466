import { Resolver } from 'node:dns/promises'
import { isDenial } from './name-errors.ts'
import type { Resolved, ResolveAll } from './resolved.ts'
import { namesToAsk, parseSearchList } from './search-list.ts'
import { type Files, watchedFile } from './watched-file.ts'
import { within } from './within.ts'

/** What asking needs of a resolver: Node's own, which is c-ares. It waits on sockets, and never in libuv's thread pool as getaddrinfo does. */
export type Queries = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveNs'>

export interface DnsOptions {
  /** DNS servers, e.g. `10.0.0.53` or `10.0.0.53:5353`; null: those of the system. */
  readonly servers: readonly string[] | null
  readonly now: () => number
  readonly files?: Files
  readonly createQueries?: (servers: readonly string[] | null) => Queries
}

export interface Dns {
  /** Asks for both families, under each name of the search list in turn, until one has an address. */
  readonly ask: ResolveAll
  /** Resolves if the servers answer for the root zone, which all resolvers know. */
  readonly askRoot: () => Promise<unknown>
}

/** c-ares reads the system's servers when it is created, so a new one is created when resolv.conf has changed, and otherwise once a minute. */
const renewEveryMs = 60_000

export const createDns = ({ servers, now, files, createQueries = queriesTo }: DnsOptions): Dns => {
  const configuration = watchedFile('/etc/resolv.conf', text => ({ search: parseSearchList(text) }), now, files)
  let [queries, createdAt, createdFor] = [null as Queries | null, 0, configuration()]
  const current = (): Queries => {
    if (queries !== null && createdFor === configuration() && now() - createdAt < renewEveryMs) return queries
    createdAt = now()
    createdFor = configuration()
    return (queries = createQueries(servers))
  }
  return {
    ask: host => firstWithAddress(current, namesToAsk(host, configuration().search)),
    askRoot: () => current().resolveNs('.'),
  }
}

/** A server that does not answer is asked a second time after 1.5 s, and given up 3 s later. */
const queriesTo = (servers: readonly string[] | null): Queries => {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  if (servers !== null) resolver.setServers(servers)
  return resolver
}

/** An error of the name servers ends the search, since the next name may belong to another party. */
const firstWithAddress = async (queries: () => Queries, names: readonly string[]): Promise<readonly Resolved[]> => {
  let denial: unknown
  for (const name of names)
    try {
      return await bothFamilies(queries(), name)
    } catch (error) {
      if (!isDenial(error)) throw error
      denial = error
    }
  throw denial
}

/** Once one family has answered, the other one has this long: some name servers never answer questions about IPv6. */
const otherFamilyWithinMs = 200

/** IPv4 comes first: a host without IPv6 would otherwise begin each connection with an address that it cannot reach. */
const bothFamilies = async (queries: Queries, name: string): Promise<readonly Resolved[]> => {
  const asked = [
    queries.resolve4(name, { ttl: true }).then(records => records.map(resolved(4))),
    queries.resolve6(name, { ttl: true }).then(records => records.map(resolved(6))),
  ]
  const first = await Promise.any(asked).catch(() => null)
  if (first === null) throw await faultOf(asked)
  const answers = await Promise.all(asked.map(answer => within(answer, otherFamilyWithinMs, late).catch(() => [])))
  return answers.flat()
}

const late = () => new Error('the other family was answered first')

/** "No IPv6 address" says nothing about a question about IPv4 that was not answered, so an error comes before a denial. */
const faultOf = async (failed: readonly Promise<unknown>[]): Promise<unknown> => {
  const errors = (await Promise.allSettled(failed)).map(each => (each.status === 'rejected' ? each.reason : null))
  return errors.find(error => !isDenial(error)) ?? errors[0]
}

const resolved =
  (family: 4 | 6) =>
  ({ address, ttl }: { readonly address: string; readonly ttl: number }): Resolved => ({
    address,
    family,
    ttlMs: ttl * 1_000,
  })
