import { isDenial, ResolverAway, Unresolved } from './name-errors.ts'
import type { ResolveAll } from './resolved.ts'
import { within } from './within.ts'

export interface JudgedNamesOptions {
  readonly now: () => number
  readonly lookUpTimeoutMs: number
  /** Resolves if the resolver answers at all. Asked while no name was resolved yet. */
  readonly askRoot: () => Promise<unknown>
}

/** Names that were resolved last: when another name fails, they show whether the resolver works. */
const remembered = 3
/** What was resolved a moment ago is in the resolver's cache. */
const proofWithinMs = 1_500

/**
 * Limits each look-up in time, and decides whose fault a failed one is. A denial is an answer about the name. Silence and server errors are the
 * name's fault if the resolver answers about another name at the same time, and otherwise ours.
 */
export const judgedNames = (ask: ResolveAll, { now, lookUpTimeoutMs, askRoot }: JudgedNamesOptions): ResolveAll => {
  const known = new Set<string>()
  let workedAt = -Infinity
  let proving: Promise<boolean> | null = null

  const remember = (host: string) => {
    workedAt = now()
    known.delete(host)
    known.add(host)
    const [oldest] = known
    if (known.size > remembered && oldest !== undefined) known.delete(oldest)
  }
  const prove = async (failed: string): Promise<boolean> => {
    const others = [...known].filter(host => host !== failed).map(ask)
    const proofs = others.length > 0 ? others : [askRoot()]
    return within(Promise.any(proofs), proofWithinMs, timeout).then(
      () => ((workedAt = now()), true),
      () => false,
    )
  }
  const works = async (failed: string, since: number): Promise<boolean> => {
    if (workedAt >= since) return true
    proving ??= prove(failed).finally(() => (proving = null))
    return proving
  }

  return async host => {
    const since = now()
    const found = await within(ask(host), lookUpTimeoutMs, timeout).catch(async (cause: unknown) => {
      if (isDenial(cause)) return []
      throw (await works(host, since))
        ? new Unresolved(`the name servers of ${host} do not answer`, { denied: false, cause })
        : new ResolverAway('the resolver does not answer', { cause })
    })
    if (found.length === 0) workedAt = now()
    if (found.length === 0) throw new Unresolved(`${host} has no address`, { denied: true })
    remember(host)
    return found
  }
}

const timeout = (): Error => Object.assign(new Error('the look-up took too long'), { code: 'ETIMEOUT' })
