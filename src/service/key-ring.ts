import { createKeyRing, type KeyRing } from '../signing/key-ring.ts'
import { refuseWrongKey } from './refuse-wrong-key.ts'
import type { ServiceSettings } from './settings.ts'
import type { Stores } from './stores.ts'

/** Opens the signing keys. Throws Failure `invalid_settings` when they were encrypted with a key that this process does not have. */
export const openKeyRing = (
  { ledger, sealer }: Pick<Stores, 'ledger' | 'sealer'>,
  { signingAlg }: Pick<ServiceSettings, 'signingAlg'>,
  issuer: string,
): Promise<KeyRing> =>
  refuseWrongKey(createKeyRing({ store: ledger.keys, sealer, issuer, now: () => Date.now(), alg: signingAlg }))
