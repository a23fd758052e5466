import type { ModelPorts } from '../ports.ts'
import { type Change, type Collection, createCollection } from './collection.ts'
import type { Doc } from './values.ts'

/** An entry of the oplog. */
export type Logged = Change & { readonly collection: string; readonly number: number }

/** The collections of one database, and what happened to them in order. */
export interface Database {
  /** Creates the collection if it is missing, as a first write does. */
  collection(name: string): Collection
  find(name: string): Collection | undefined
  create(name: string, options: Doc): Collection
  drop(name: string): void
  names(): readonly string[]
  /** The number of the last operation. */
  readonly last: number
  /** The operations after this one; null when some of them are forgotten. */
  since(number: number): readonly Logged[] | null
  /** Forgets the operations up to now: what follows them cannot continue. */
  forget(): void
  /** Calls back after each operation. The result ends that. */
  follow(onLogged: (logged: Logged) => void): () => void
}

/** More than any change stream falls behind in a cut of minutes. */
const logLimit = 20_000

export const createDatabase = (name: string, ports: ModelPorts): Database => {
  const collections = new Map<string, Collection>()
  const followers = new Set<(logged: Logged) => void>()
  let log: Logged[] = []
  let last = 0
  let created = 0

  const record = (collection: string) => (change: Change) => {
    last += 1
    const logged = { ...change, collection, number: last }
    log.push(logged)
    if (log.length > 2 * logLimit) log = log.slice(-logLimit)
    for (const follower of followers) follower(logged)
    return last
  }
  const create = (short: string, options: Doc): Collection => {
    created += 1
    const uuid = created.toString(16).padStart(32, '0')
    const collection = createCollection({ name: `${name}.${short}`, uuid, options, ports, onChange: record(short) })
    collections.set(short, collection)
    return collection
  }

  return {
    collection: short => collections.get(short) ?? create(short, {}),
    find: short => collections.get(short),
    create,
    drop: short => void collections.delete(short),
    names: () => [...collections.keys()],
    get last() {
      return last
    },
    since: number => {
      if (number >= last) return []
      const first = log[0]?.number ?? last + 1
      return number + 1 < first ? null : log.slice(number + 1 - first)
    },
    forget: () => void (log = []),
    follow: onLogged => {
      followers.add(onLogged)
      return () => void followers.delete(onLogged)
    },
  }
}
