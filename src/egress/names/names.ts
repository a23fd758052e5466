import { createDns } from './ask-dns.ts'
import { cachedNames } from './cached-names.ts'
import { judgedNames } from './judged-names.ts'
import { localNames } from './local-names.ts'
import type { ResolveAll } from './resolved.ts'

/** How long a look-up may take, unless a test says otherwise. */
export const defaultLookUpTimeoutMs = 4_000

export interface NamesOptions {
  /** DNS servers; null: those of the system. */
  readonly servers: readonly string[] | null
  readonly lookUpTimeoutMs: number
  /** In ms from any start, never set back. */
  readonly now: () => number
  /** For tests: how names are resolved, instead of the hosts file and DNS. */
  readonly resolveAll?: ResolveAll | undefined
}

/** Resolves names as the system would: with the hosts file, `localhost` and DNS, but with a cache and without libuv's thread pool. */
export const createNames = ({ servers, lookUpTimeoutMs, now, resolveAll }: NamesOptions): ResolveAll => {
  const { ask, askRoot } = createDns({ servers, now })
  if (resolveAll !== undefined)
    return cachedNames(judgedNames(resolveAll, { now, lookUpTimeoutMs, askRoot: () => resolveAll('.') }), now)
  const local = localNames(now)
  const judged = judgedNames(ask, { now, lookUpTimeoutMs, askRoot })
  return cachedNames(async host => local(host) ?? judged(host), now)
}
