import { Type } from 'typebox'
import { signingAlgorithms, type StoredKey, usableAt } from '../../domain/signing-key.ts'
import { closed, either, iso, isoOrNull, moment, type Wire } from '../http/wire.ts'
import { wholeAnswer } from '../operation/page.ts'

export const keyAnswer = Type.Object(
  {
    kid: Type.String(),
    alg: Type.Enum([...signingAlgorithms]),
    use: Type.Enum(['next', 'current', 'retired']),
    createdAt: moment('Since when it is published'),
    usableAt: moment('When every verifier knows it'),
    currentSince: either(moment('Since when it signs')),
    retiredAt: either(moment('When it stopped signing')),
  },
  closed,
)
export const keysAnswer = wholeAnswer(keyAnswer)

/** A key as the service lists it: without its private part. */
export type ListedKey = Omit<StoredKey, 'sealedPrivateJwk'>

export const showKey = (key: ListedKey): Wire<typeof keyAnswer> => ({
  ...key,
  createdAt: iso(key.createdAt),
  usableAt: iso(usableAt(key)),
  currentSince: isoOrNull(key.currentSince ?? (key.use === 'current' ? key.createdAt : null)),
  retiredAt: isoOrNull(key.retiredAt),
})
