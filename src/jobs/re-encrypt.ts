import type { Ledger } from '../ledger/ledger.ts'
import type { Sealer } from '../signing/sealer.ts'

/**
 * Seals with the current key-encryption key whatever an earlier one sealed, and what stood in the clear before it was sealed at all.
 * Two processes may do it at once: each write names what it replaces. Afterwards the earlier key is needed for a day more, for answers
 * that are kept by their Idempotency-Key. Answers with how many texts it sealed.
 */
export const reseal = async ({ keys, subscriptions }: Pick<Ledger, 'keys' | 'subscriptions'>, sealer: Sealer) => {
  let count = 0
  const anew = async (sealed: string) => {
    count += 1
    return sealer.seal(await sealer.open(sealed))
  }
  for (const { kid, sealedPrivateJwk } of await keys.load())
    if (sealer.isOld(sealedPrivateJwk)) await keys.reseal(kid, sealedPrivateJwk, await anew(sealedPrivateJwk))
  for (const subscription of await subscriptions.all()) {
    const { id, sealedSecret, previousSecret, sealedExtras } = subscription
    if (sealer.isOld(sealedSecret))
      await subscriptions.reseal(id, 'sealedSecret', sealedSecret, await anew(sealedSecret))
    if (previousSecret !== undefined && sealer.isOld(previousSecret.sealed))
      await subscriptions.reseal(id, 'previousSecret.sealed', previousSecret.sealed, await anew(previousSecret.sealed))
    if (sealedExtras !== undefined && sealer.isOld(sealedExtras))
      await subscriptions.reseal(id, 'sealedExtras', sealedExtras, await anew(sealedExtras))
    const { headers } = subscription as { headers?: Readonly<Record<string, string>> }
    if (headers !== undefined) {
      await subscriptions.sealHeaders(id, headers, await sealer.seal(JSON.stringify({ headers })))
      count += 1
    }
  }
  return count
}
