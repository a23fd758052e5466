import type { Collection } from 'mongodb'
import type { AccessToken } from '../domain/tenant.ts'
import type { EpochMs } from '../domain/time.ts'
import { guarded, unlessThere } from './faults.ts'

export type TokenDocument = Omit<AccessToken, 'id'> & { readonly _id: string }

const toToken = ({ _id, ...token }: TokenDocument): AccessToken => ({ id: _id, ...token })

export const createTokens = (collection: Collection<TokenDocument>) => ({
  /** A token with this id stays as it is. */
  insert: async ({ id, ...token }: AccessToken): Promise<void> => {
    await guarded(unlessThere(collection.insertOne({ _id: id, ...token })))
  },

  byHash: async (hash: string): Promise<AccessToken | null> => {
    const found = await guarded(collection.findOne({ hash }))
    return found === null ? null : toToken(found)
  },

  /** Returns tokens in the order of their creation. */
  list: async (tenant: string, { limit, after }: { limit: number; after?: string }): Promise<AccessToken[]> => {
    const query = after === undefined ? { tenant } : { tenant, _id: { $gt: after } }
    return (await guarded(collection.find(query).sort({ _id: 1 }).limit(limit).toArray())).map(toToken)
  },

  /** Revokes a token. Returns it as it was before; null for an unknown token. A second call changes nothing. */
  revoke: async (tenant: string, id: string, now: EpochMs): Promise<AccessToken | null> => {
    const found = await guarded(collection.findOne({ _id: id, tenant }))
    if (found === null) return null
    await guarded(collection.updateOne({ _id: id, revokedAt: { $exists: false } }, { $set: { revokedAt: now } }))
    return toToken(found)
  },

  used: async (id: string, now: EpochMs): Promise<void> => {
    await guarded(collection.updateOne({ _id: id }, { $max: { lastUsedAt: now } }))
  },
})
