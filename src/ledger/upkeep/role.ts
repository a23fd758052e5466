import type { Db, Document, MongoClient } from 'mongodb'
import { Failure } from '../../domain/failure.ts'
import type { Difference, Requirement } from '../../domain/requirement.ts'
import { guarded } from '../faults.ts'

/** What the service does in its database. Without one of these it cannot work. */
const always = ['find', 'insert', 'update', 'remove', 'changeStream', 'listCollections', 'listIndexes'] as const
/** What it does when something is missing, differs, or has to be migrated. */
const sometimes = ['createCollection', 'createIndex', 'dropIndex', 'collMod', 'bypassDocumentValidation'] as const

/** The actions that the user of MONGODB_URL needs on every collection of the database; docs/operations.md has the role. */
export const neededActions: readonly string[] = [...always, ...sometimes]

export interface MissingActions {
  /** The service cannot work. */
  readonly always: readonly string[]
  /** The service works, but cannot restore or migrate everything. */
  readonly sometimes: readonly string[]
}

/** Asks the server which needed actions the user's roles lack. */
export const missingActions = async (db: Db): Promise<MissingActions> => {
  const status = await guarded(db.command({ connectionStatus: 1, showPrivileges: true }))
  return missingIn(status, db.databaseName)
}

interface Privilege {
  readonly resource: { readonly db?: string; readonly anyResource?: boolean }
  readonly actions: readonly string[]
}

/** An answer of `connectionStatus`. It has no user where the server asks for none. */
export const missingIn = ({ authInfo }: Document, database: string): MissingActions => {
  if (authInfo.authenticatedUsers.length === 0) return { always: [], sometimes: [] }
  const privileges = authInfo.authenticatedUserPrivileges as readonly Privilege[]
  const ofDatabase = privileges.filter(
    // An empty name stands for every database.
    ({ resource }) => resource.anyResource === true || resource.db === database || resource.db === '',
  )
  const granted = new Set(ofDatabase.flatMap(({ actions }) => actions))
  const lacks = (action: string) => !granted.has(action) && !granted.has('anyAction')
  return { always: always.filter(lacks), sometimes: sometimes.filter(lacks) }
}

/** Throws Failure `invalid_settings` where the user's roles do not allow what the service does all the time. */
export const refuseWithoutRole = async (client: MongoClient, db: Db): Promise<void> => {
  const { always: missing } = await missingActions(db)
  if (missing.length === 0) return
  throw new Failure(
    'invalid_settings',
    `The roles of the user in MONGODB_URL do not allow ${missing.join(', ')} on the database ${db.databaseName}. ` +
      `As an administrator of MongoDB: ${grantCommand(db.databaseName, client)} – or create the smallest role (docs/operations.md, “The user in MongoDB”).`,
  )
}

/** Notices a role with which a later difference could not be repaired. What the service needs all the time shows by itself. */
export const createRoleRequirement = (db: Db): Requirement => ({
  name: 'role',
  check: async () => {
    const { sometimes: missing } = await missingActions(db)
    return missing.length === 0 ? [] : [narrowRole(missing)]
  },
})

const narrowRole = (missing: readonly string[]): Difference => ({
  system: 'mongodb',
  object: 'the role of the user in MONGODB_URL',
  difference: `lacks ${missing.join(', ')}: some differences cannot be restored, and a migration or a new release may not start`,
  outcome: 'kept',
  promise: 'What is dropped or changed in MongoDB is restored.',
  remedy: 'Create the role of docs/operations.md, “The user in MongoDB”.',
  refusesEvents: false,
})

/** The command that lets the service's user do everything that is needed. What anybody may read, such as readiness, does not name the user. */
export const grantCommand = (database: string, client?: MongoClient): string => {
  const { username = '<the user in MONGODB_URL>', source = 'admin' } = client?.options.credentials ?? {}
  const roles = ['readWrite', 'dbAdmin'].map(role => `{ role: "${role}", db: "${database}" }`)
  return `db.getSiblingDB(${JSON.stringify(source)}).grantRolesToUser(${JSON.stringify(username)}, [${roles.join(', ')}])`
}
