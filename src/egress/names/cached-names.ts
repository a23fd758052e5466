import { Unresolved } from './name-errors.ts'
import type { Resolved, ResolveAll } from './resolved.ts'

/** How long an answer is used: as its DNS record says, within these bounds. */
export const shortestMs = 1_000
export const longestMs = 5 * 60_000
/** How long a failure is used: a name that does not exist, and name servers that fail. */
export const deniedMs = 20_000
export const failedMs = 5_000
/** While name servers fail, the name's last addresses are used for this long (RFC 8767). */
export const staleMs = 10 * 60_000
const capacity = 10_000

interface Entry {
  readonly freshUntil: number
  /** The last addresses, and until when they may stand in for an answer. */
  readonly found?: readonly Resolved[]
  readonly staleUntil: number
  readonly failure?: unknown
}

/**
 * Keeps answers and failures for a short time, and asks once for all that wait for the same name. Name servers that fail do not take away an address
 * that worked: after the first failure, it is returned at once and the name servers are asked in the background.
 */
export const cachedNames = (resolveAll: ResolveAll, now: () => number): ResolveAll => {
  const entries = new Map<string, Entry>()
  const asking = new Map<string, Promise<Entry>>()

  const keep = (host: string, entry: Entry): Entry => {
    entries.delete(host)
    entries.set(host, entry)
    const [oldest] = entries.keys()
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest)
    return entry
  }
  const ask = (host: string): Promise<Entry> => {
    const asked =
      asking.get(host) ??
      resolveAll(host)
        .then(
          found => keep(host, answered(found, now())),
          (failure: unknown) => keep(host, failed(failure, now(), entries.get(host))),
        )
        .finally(() => asking.delete(host))
    asking.set(host, asked)
    return asked
  }

  return async host => {
    const entry = entries.get(host)
    if (entry !== undefined && now() < entry.freshUntil) return addressesOf(entry)
    const asked = ask(host)
    const standsIn = entry?.failure !== undefined && entry.found !== undefined && now() < entry.staleUntil
    return addressesOf(standsIn ? entry : await asked)
  }
}

const answered = (found: readonly Resolved[], at: number): Entry => {
  const ttlMs = Math.min(...found.map(each => each.ttlMs ?? shortestMs))
  const freshUntil = at + Math.min(longestMs, Math.max(shortestMs, ttlMs))
  return { freshUntil, found, staleUntil: freshUntil + staleMs }
}

const failed = (failure: unknown, at: number, before: Entry | undefined): Entry => {
  if (failure instanceof Unresolved && failure.denied) return { freshUntil: at + deniedMs, staleUntil: 0, failure }
  const usable = before?.found !== undefined && at < before.staleUntil
  const kept = usable ? { found: before.found, staleUntil: before.staleUntil } : { staleUntil: 0 }
  return { freshUntil: at + failedMs, failure, ...kept }
}

const addressesOf = ({ found, failure }: Entry): readonly Resolved[] => {
  if (found === undefined) throw failure
  return found
}
