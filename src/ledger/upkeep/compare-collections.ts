import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'mongodb'
import type { CollectionName } from '../validators.ts'
import type { Finding } from './finding.ts'
import { carriesEvents, collectionNames, losses, validationOf } from './needed.ts'

/** A collection as the server lists it. */
export interface FoundCollection {
  readonly type: string
  readonly options: Document
  /** Another one than before: the collection was dropped, and created again. */
  readonly uuid: string
}

type Found = ReadonlyMap<string, FoundCollection>

/** What was there at the last comparison. */
export interface Known {
  /** The uuid of each collection; empty before the first comparison. */
  readonly uuids: ReadonlyMap<string, string>
  /** Whether the database ever had all collections, so that it must have been dropped when it has none. */
  readonly wasComplete: boolean
}

/** Compares the collections of a database with those that are needed. */
export const compareCollections = (database: string, found: Found, { uuids, wasComplete }: Known): Finding[] => {
  const gone = collectionNames.filter(name => isGone(name, found, uuids))
  if (gone.length === collectionNames.length && wasComplete) return [droppedDatabase(database)]
  const lost = gone.map(name => droppedCollection(name, found.has(name)))
  const rest = collectionNames.filter(name => !gone.includes(name))
  return [...lost, ...rest.flatMap(name => differenceOf(name, found.get(name)))]
}

const isGone = (name: string, found: Found, uuids: ReadonlyMap<string, string>): boolean => {
  const uuid = found.get(name)?.uuid
  return uuid === undefined || (uuids.has(name) && uuids.get(name) !== uuid)
}

const droppedCollection = (name: CollectionName, isThereAgain: boolean): Finding => ({
  object: `collection ${name}`,
  difference: isThereAgain ? 'was dropped, and created again' : 'is missing',
  promise: isThereAgain ? `Unless a backup was restored: ${losses[name].lost}` : losses[name].lost,
  remedy: losses[name].remedy,
  refusesEvents: false,
  repairs: [{ type: 'create', collection: name }],
})

const droppedDatabase = (database: string): Finding => ({
  object: `database ${database}`,
  difference: 'was dropped: every collection is missing',
  promise:
    'The delivery log, every delivery that waited (pending or held), tenants, subscriptions, tokens and signing keys are lost.',
  remedy: 'Stop every process, and restore the database from a backup (docs/operations.md, "Backup and restore").',
  refusesEvents: false,
  repairs: collectionNames.map(collection => ({ type: 'create', collection })),
})

const differenceOf = (name: CollectionName, found: FoundCollection | undefined): Finding[] => {
  if (found === undefined) return []
  const kind = kindOf(found)
  if (kind !== null)
    return [
      {
        object: `collection ${name}`,
        difference: kind,
        promise: `Documents of ${name} may be lost or refused.`,
        remedy: `Stop every process, rename it (db.${name}.renameCollection), start Doorbell, which creates ${name} as it must be, and copy the documents.`,
        refusesEvents: carriesEvents(name),
        repairs: [],
      },
    ]
  const difference = validationDifference(found.options, validationOf(name))
  if (difference === null) return []
  return [
    {
      object: `validator of ${name}`,
      difference,
      promise: `MongoDB does not refuse documents of ${name} that Doorbell cannot read.`,
      remedy: 'Nothing has to be done.',
      refusesEvents: false,
      repairs: [{ type: 'validate', collection: name }],
    },
  ]
}

/** A collection with these options loses documents or takes different ids for equal; only a copy can get rid of them. */
const kindOf = ({ type, options }: FoundCollection): string | null => {
  if (type !== 'collection') return `is a ${type}, not a collection`
  if (options['capped'] === true) return 'is capped, so that it drops its oldest documents'
  if (options['collation'] !== undefined) return 'has a collation, so that different ids may count as equal'
  return null
}

const validationDifference = (found: Document, wanted: ReturnType<typeof validationOf>): string | null => {
  if (found['validator'] === undefined) return 'is missing'
  if (!isDeepStrictEqual(found['validator'], wanted.validator)) return 'is another'
  for (const option of ['validationLevel', 'validationAction'] as const)
    if (found[option] !== wanted[option]) return `has ${option} ${wordOf(found[option])}, not ${wanted[option]}`
  return null
}

const words: readonly unknown[] = ['off', 'moderate', 'warn', 'errorAndLog']
const wordOf = (value: unknown): string => (words.includes(value) ? String(value) : 'unset')
