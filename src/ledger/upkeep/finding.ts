import type { IndexDescription } from 'mongodb'
import type { CollectionName } from '../validators.ts'

/** A difference between what is needed and what is there, with the repair that is tried. */
export interface Finding {
  /** As an operator of MongoDB names it: `collection tokens`, `index hash_1 of tokens`. */
  readonly object: string
  readonly difference: string
  /** What users can no longer rely on. */
  readonly promise: string
  /** What an operator does, after the repair or in place of it. */
  readonly remedy: string
  /** While it differs, an accepted event might be lost. */
  readonly refusesEvents: boolean
  /** Empty: only an operator can repair it. */
  readonly repairs: readonly Repair[]
}

export type Repair =
  /** Creates the collection with its validator and indexes, or what of them it lacks. */
  | { readonly type: 'create'; readonly collection: CollectionName }
  | { readonly type: 'validate'; readonly collection: CollectionName }
  /** Creates an index, after these were dropped. */
  | {
      readonly type: 'index'
      readonly collection: CollectionName
      readonly index: IndexDescription
      readonly drop: readonly string[]
    }
  | {
      readonly type: 'alter'
      readonly collection: CollectionName
      readonly index: string
      readonly change: { readonly expireAfterSeconds?: number; readonly hidden?: false }
    }
  | { readonly type: 'drop'; readonly collection: CollectionName; readonly index: string }
