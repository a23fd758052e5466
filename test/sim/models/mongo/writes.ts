import type { Collection } from './collection.ts'
import { Refusal, type WriteFault } from './errors.ts'
import type { Transaction } from './transaction.ts'
import { applyUpdate, type Update, upserted } from './update.ts'
import type { Doc } from './values.ts'

/** One write of a batch. */
export type Write =
  | { readonly type: 'insert'; readonly doc: Doc }
  | {
      readonly type: 'update'
      readonly filter: Doc
      readonly update: Update
      readonly many: boolean
      readonly upsert: boolean
    }
  | { readonly type: 'replace'; readonly filter: Doc; readonly doc: Doc; readonly upsert: boolean }
  | { readonly type: 'delete'; readonly filter: Doc; readonly many: boolean }

export interface Counts {
  insertedCount: number
  matchedCount: number
  modifiedCount: number
  deletedCount: number
  upsertedCount: number
}

export const noCounts = (): Counts => ({
  insertedCount: 0,
  matchedCount: 0,
  modifiedCount: 0,
  deletedCount: 0,
  upsertedCount: 0,
})

/** Carries out writes in their order. A refused one does not affect the others; after one of an ordered batch, nothing follows. */
export const writeAll = (
  collection: Collection,
  writes: readonly Write[],
  {
    ordered,
    now,
    transaction,
  }: { readonly ordered: boolean; readonly now: number; readonly transaction: Transaction | null },
): { readonly counts: Counts; readonly faults: readonly WriteFault[] } => {
  const counts = noCounts()
  const faults: WriteFault[] = []
  for (const [index, write] of writes.entries())
    try {
      writeOne(collection, write, { counts, now, transaction })
    } catch (error) {
      if (!(error instanceof Refusal) || error.labels.length > 0) throw error
      faults.push({ index, code: error.code, errmsg: error.message })
      if (ordered) break
    }
  return { counts, faults }
}

interface Context {
  readonly counts: Counts
  readonly now: number
  readonly transaction: Transaction | null
}

const writeOne = (collection: Collection, write: Write, { counts, now, transaction }: Context): void => {
  const target = transaction?.on(collection) ?? collection
  if (write.type === 'insert') {
    target.put('insert', write.doc)
    counts.insertedCount += 1
    return
  }
  const isOne = write.type === 'replace' || !write.many
  const found = target.find(write.filter, isOne ? { limit: 1 } : {}).slice(0, isOne ? 1 : undefined)
  if (write.type === 'delete') {
    for (const doc of found) target.remove(doc['_id'])
    counts.deletedCount += found.length
    return
  }
  if (found.length === 0 && write.upsert) {
    target.put('insert', insertedBy(write, now))
    counts.upsertedCount += 1
    return
  }
  counts.matchedCount += found.length
  for (const doc of found) {
    const next = changedBy(doc, write, now)
    if (next === doc) continue
    target.put(write.type, next)
    counts.modifiedCount += 1
  }
}

type Changing = Extract<Write, { type: 'update' | 'replace' }>

/** Returns the document after the write; the same object when nothing changes. A replacement counts as a change, whatever it holds. */
export const changedBy = (doc: Doc, write: Changing, now: number): Doc => {
  if (write.type === 'update') return applyUpdate(doc, write.update, now)
  return Object.freeze({ _id: doc['_id'], ...write.doc })
}

const insertedBy = (write: Changing, now: number): Doc =>
  write.type === 'update'
    ? upserted(write.filter, write.update, now)
    : Object.freeze({ _id: write.filter['_id'], ...write.doc })
