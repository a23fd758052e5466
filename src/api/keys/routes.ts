import { type StoredKey, usableAt } from '../../domain/signing-key.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { keyOperations } from './operations.ts'

/** The operator's view of the signing keys, and their rotation by command. */
export const keyRoutes = (operations: Operations, { signingKeys }: Pick<ApiDeps, 'signingKeys'>): void => {
  const show = () => ({ items: signingKeys.keys().map(shown) })

  operations.add(keyOperations.list, async context => {
    await signingKeys.refresh()
    context.body = show()
  })

  operations.add(keyOperations.rotate, async (context, { body: { force = false }, tell }) => {
    const current = () => signingKeys.keys().find(({ use }) => use === 'current')?.kid
    const before = current()
    await signingKeys.rotate(force)
    tell({ before: { current: before }, after: { current: current() } })
    context.body = show()
  })
}

const shown = (key: Omit<StoredKey, 'sealedPrivateJwk'>) => {
  const { kid, alg, use, createdAt, currentSince, retiredAt } = key
  const since = use === 'current' ? (currentSince ?? createdAt) : currentSince
  return {
    kid,
    alg,
    use,
    createdAt: iso(createdAt),
    usableAt: iso(usableAt(key)),
    currentSince: since === undefined ? null : iso(since),
    retiredAt: retiredAt === undefined ? null : iso(retiredAt),
  }
}

const iso = (at: number): string => new Date(at).toISOString()
