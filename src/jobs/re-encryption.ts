import type { Ledger } from '../ledger/ledger.ts'
import type { Sealer } from '../signing/sealer.ts'

/**
 * Re-encrypts with the current key-encryption key what an earlier one encrypted, and returns how many texts that were. Two processes may do
 * it at once, since each write names what it replaces. The earlier key is needed for one day more, for stored answers to requests with an
 * Idempotency-Key.
 */
export const reEncrypt = async (
  { keys, subscriptions }: Pick<Ledger, 'keys' | 'subscriptions'>,
  sealer: Sealer,
): Promise<number> => {
  let count = 0
  const replace = async (sealed: string | undefined, write: (old: string, fresh: string) => Promise<unknown>) => {
    if (sealed === undefined || !sealer.isOld(sealed)) return
    await write(sealed, await sealer.seal(await sealer.open(sealed)))
    count += 1
  }
  for (const { kid, sealedPrivateJwk } of await keys.load())
    await replace(sealedPrivateJwk, (old, fresh) => keys.reseal(kid, old, fresh))
  for (const { id, sealedSecret, previousSecret, sealedExtras } of await subscriptions.all()) {
    const field =
      (name: Parameters<typeof subscriptions.reseal>[1]) =>
      (old: string, fresh: string): Promise<unknown> =>
        subscriptions.reseal(id, name, old, fresh)
    await replace(sealedSecret, field('sealedSecret'))
    await replace(previousSecret?.sealed, field('previousSecret.sealed'))
    await replace(sealedExtras, field('sealedExtras'))
  }
  return count
}
