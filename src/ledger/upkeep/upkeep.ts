import { setTimeout } from 'node:timers/promises'
import type { CollectionInfo, Db, MongoClient } from 'mongodb'
import { merge, type Observable, Subject } from 'rxjs'
import { errorText } from '../../domain/error-text.ts'
import { Failure } from '../../domain/failure.ts'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import { guarded } from '../faults.ts'
import { compareCollections, type FoundCollection } from './compare-collections.ts'
import { compareIndexes } from './compare-indexes.ts'
import { doubtsOf } from './doubts.ts'
import type { Finding } from './finding.ts'
import type { Heal } from './heal.ts'
import { collectionNames, declaration } from './needed.ts'
import { codeOf, repair } from './repair.ts'
import { type Broken, createRestore, type Restored, running } from './restore.ts'
import { createRoleRequirement, grantCommand } from './role.ts'
import { createWriteProbe, createWritesRequirement, pingOf, type UpkeepDocument } from './writes.ts'

export interface Upkeep {
  /** What the ledger needs in MongoDB, compared and restored at each check. */
  readonly requirements: readonly Requirement[]
  /** Emits when something of it may be missing or different. */
  readonly doubts$: Observable<unknown>
  readonly heal: Heal
  /** Resolves when MongoDB takes writes. */
  readonly ping: () => Promise<void>
}

/** A comparison while the process runs does not wait longer for the build of an index. */
const patienceMs = 10_000
/** A refusal so soon after a repair was still the changed validator's. */
const recentlyMs = 5_000
const unauthorized = 13
const namespaceNotFound = 26

/**
 * Creates what the ledger needs in its database and does not find there, waiting for every index, and returns what keeps it so. Differences
 * that this release has not made are reported by the first check. Throws Failure `invalid_settings` where the user lacks a privilege.
 */
export const openUpkeep = async (client: MongoClient, db: Db, now: () => number = Date.now): Promise<Upkeep> => {
  const documents = db.collection<UpkeepDocument>('upkeep')
  const grant = grantCommand(db.databaseName)
  let patient = true
  const patience = () => (patient ? new Promise(() => undefined) : setTimeout(patienceMs, undefined, { ref: false }))
  const repairing = { repair: repairOf(db), patience }
  let restoredAt = -Infinity
  const restoreCollections = createRestore({ compare: collectionsOf(db), ...repairing })
  const restores = {
    collections: async () => {
      const found = await restoreCollections()
      if (found.restored.length > 0) restoredAt = performance.now()
      return found
    },
    indexes: createRestore({ compare: () => differingIndexes(db), ...repairing }),
  }

  const declared = async () => (await guarded(documents.findOne({ _id: 'declaration' })))?.declaration
  const isOfOtherRelease = async () => ![undefined, declaration].includes(await declared())
  const before = await declared()
  const atStart = { collections: await restores.collections(), indexes: await restores.indexes() }
  patient = false
  refuseWithoutPrivilege(
    [...atStart.collections.broken, ...atStart.indexes.broken],
    grantCommand(db.databaseName, client),
  )
  // A release changes what it finds of another one; only what changed since the last start of this one was changed by an operator.
  const isOurs = before === declaration
  if (!isOurs)
    await guarded(documents.updateOne({ _id: 'declaration' }, { $set: { declaration, at: now() } }, { upsert: true }))

  const unreported = isOurs
    ? { collections: [...atStart.collections.restored], indexes: [...atStart.indexes.restored] }
    : { collections: [], indexes: [] }
  const requirement = (name: 'collections' | 'indexes'): Requirement => ({
    name,
    check: async () => {
      if (await isOfOtherRelease()) return [otherRelease(db.databaseName)]
      const { restored, broken } = await restores[name]()
      return differencesOf({ restored: [...unreported[name].splice(0), ...restored], broken }, grant)
    },
  })
  const healed$ = new Subject<void>()
  const heal = async () => {
    if (await isOfOtherRelease()) return false
    const { restored } = await restores.collections()
    unreported.collections.push(...restored)
    if (restored.length > 0) healed$.next()
    return performance.now() - restoredAt < recentlyMs
  }
  const { write, changes$ } = createWriteProbe(documents)
  return {
    requirements: [
      createWritesRequirement({ write, grant }),
      requirement('collections'),
      requirement('indexes'),
      createRoleRequirement(db),
    ],
    doubts$: merge(doubtsOf(client), changes$, healed$),
    heal,
    ping: pingOf(write),
  }
}

const repairOf = (db: Db) => (order: Parameters<typeof repair>[1]) => repair(db, order, setTimeout)

/** Compares the collections, and remembers which they are: one with the same name may be another. */
const collectionsOf = (db: Db): (() => Promise<readonly Finding[]>) => {
  let uuids: ReadonlyMap<string, string> = new Map()
  let wasComplete = false
  return async () => {
    const found = new Map((await guarded(listCollections(db))).map(each => [each.name, foundCollection(each)]))
    const findings = compareCollections(db.databaseName, found, { uuids, wasComplete })
    uuids = new Map([...found].map(([name, { uuid }]) => [name, uuid]))
    wasComplete ||= collectionNames.every(name => found.has(name))
    return findings
  }
}

const listCollections = (db: Db) =>
  db.listCollections<CollectionInfo>({ name: { $in: [...collectionNames] } }).toArray()

const foundCollection = ({ type = 'collection', options = {}, info }: CollectionInfo): FoundCollection => ({
  type,
  options,
  uuid: info?.uuid?.toString('hex') ?? '',
})

const differingIndexes = async (db: Db): Promise<readonly Finding[]> => {
  const of = async (name: (typeof collectionNames)[number]) => {
    try {
      return compareIndexes(name, await db.collection(name).indexes())
    } catch (error) {
      // A collection that is missing, or is none, is another finding.
      if (codeOf(error) === namespaceNotFound || codeOf(error) === notSupportedOnView) return []
      throw error
    }
  }
  return (await guarded(Promise.all(collectionNames.map(of)))).flat()
}

const notSupportedOnView = 166

const refuseWithoutPrivilege = (broken: readonly Broken[], grant: string): void => {
  const refused = broken.filter(({ fault }) => codeOf(fault) === unauthorized)
  const [first] = refused
  if (first === undefined) return
  throw new Failure(
    'invalid_settings',
    `MongoDB does not allow the user in MONGODB_URL to repair the ${first.finding.object}, which ${first.finding.difference}. ` +
      `As an administrator of MongoDB: ${grant} – or create the smallest role (docs/operations.md, “The user in MongoDB”).`,
    { cause: first.fault },
  )
}

const otherRelease = (database: string): Difference => ({
  system: 'mongodb',
  object: `database ${database}`,
  difference: 'has the collections and indexes of another release, which started after this process',
  outcome: 'kept',
  promise: 'Collections and indexes are as this release needs them.',
  remedy: 'Finish the upgrade: restart this process with that release.',
  refusesEvents: false,
})

const differencesOf = ({ restored, broken }: Restored, grant: string): Difference[] => [
  ...restored.map(finding => differenceOf(finding, 'restored', finding.remedy)),
  ...broken.map(({ finding, fault }) => differenceOf(finding, 'broken', remedyOf(finding.remedy, fault, grant))),
]

const differenceOf = (finding: Finding, outcome: Difference['outcome'], remedy: string): Difference => {
  const { object, difference, promise, refusesEvents } = finding
  return { system: 'mongodb', object, difference, outcome, promise, remedy, refusesEvents }
}

const duplicateKey = 11_000

const remedyOf = (remedy: string, fault: unknown, grant: string): string => {
  if (fault === undefined) return remedy
  if (fault === running) return 'MongoDB is repairing it, which takes as long as the collection is large.'
  if (codeOf(fault) === unauthorized) return `As an administrator of MongoDB: ${grant}`
  if (codeOf(fault) === duplicateKey) return 'Remove the documents that have the same key as another one.'
  return `MongoDB refused the repair (${errorText(fault)}): look for the cause in its log.`
}
