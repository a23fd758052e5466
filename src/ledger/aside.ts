import type { Collection } from 'mongodb'
import type { EpochMs } from '../domain/time.ts'
import { logRetentionMs } from './delivery-document.ts'
import { guarded, isRefusedDocument, unhurriedly } from './faults.ts'
import { type Heal, noHeal } from './upkeep/heal.ts'

/** A message that could not be processed, with the reason. */
export interface AsideMessage {
  readonly sequence: number
  readonly partition: number
  readonly tenant: string
  readonly type: string
  readonly reason: string
  readonly text: string
  readonly at: EpochMs
}
export type AsideDocument = Omit<AsideMessage, 'sequence'> & { readonly _id: number; readonly expireAt: Date }

export const createAside = (collection: Collection<AsideDocument>, heal: Heal = noHeal) => ({
  /** Keeps one document for each stream sequence. */
  keep: async ({ sequence, ...message }: AsideMessage): Promise<void> => {
    const document = { ...message, expireAt: new Date(message.at + logRetentionMs) }
    const replace = () => guarded(collection.replaceOne({ _id: sequence }, document, { upsert: true }))
    await replace().catch(async (error: unknown) => {
      if (!isRefusedDocument(error) || !(await heal())) throw error
      await replace()
    })
  },
  list: async (limit: number): Promise<AsideMessage[]> => {
    const found = await guarded(collection.find().sort({ _id: -1 }).limit(limit).toArray())
    return found.map(({ _id, expireAt: _, ...message }) => ({ sequence: _id, ...message }))
  },

  /** Removes a tenant's messages that match. Returns their number. */
  removeWhere: async (tenant: string, matches: (text: string) => boolean): Promise<number> => {
    const ids: number[] = []
    for await (const { _id, text } of unhurriedly(collection.find({ tenant }))) if (matches(text)) ids.push(_id)
    return (await guarded(collection.deleteMany({ _id: { $in: ids } }))).deletedCount
  },

  /** Returns the tenants that have such messages. */
  tenants: (): Promise<string[]> => guarded(collection.distinct('tenant')),

  /** Removes a tenant's messages from before this moment; they are content, with the same retention as events. */
  removeBefore: async (tenant: string, before: EpochMs): Promise<number> =>
    (await guarded(collection.deleteMany({ tenant, at: { $lt: before } }))).deletedCount,
})
