import { createHash } from 'node:crypto'
import { indexes } from '../indexes.ts'
import { type CollectionName, validators } from '../validators.ts'

/** Everything that the ledger needs in its database. It is compared with what is there at the start and while the process runs. */
export const collectionNames = Object.keys(validators) as readonly CollectionName[]

/** The options of a collection that make MongoDB refuse a document of another form. */
export const validationOf = (name: CollectionName) => ({
  validator: { $jsonSchema: { bsonType: 'object', ...validators[name] } },
  validationLevel: 'strict',
  validationAction: 'error',
})

/** Changes with every change of what is needed: two releases that need the same have the same. */
export const declaration = createHash('sha256')
  .update(JSON.stringify([validators, indexes]))
  .digest('hex')
  .slice(0, 16)

/** Collections in which a lost document means an event that is not delivered. */
export const carriesEvents = (name: CollectionName): boolean => name === 'deliveries' || name === 'subscriptions'

interface Loss {
  /** What is lost when the collection is dropped. */
  readonly lost: string
  readonly remedy: string
}

const fromBackup = 'Restore the collection from a backup (docs/operations.md, "Backup and restore").'
const nothing = 'Nothing has to be done.'

/** What users lose with the documents of a collection, which Doorbell cannot restore, and what an operator does about it. */
export const losses: Readonly<Record<CollectionName, Loss>> = {
  deliveries: {
    lost: 'The delivery log is lost up to now, and with it every delivery that waited (pending or held): Doorbell does not send it any more.',
    remedy:
      'Restore the collection from a backup, or replay the time with `POST …/replays` and `"selection": "missing"`, which sends again what was delivered, too.',
  },
  subscriptions: {
    lost: 'Every subscription is lost: events match none, and nothing is delivered.',
    remedy: `${fromBackup} Then replay the time in between with \`POST …/replays\` and \`"selection": "missing"\`.`,
  },
  tenants: { lost: 'Every tenant is lost with its retention: its requests are refused.', remedy: fromBackup },
  tokens: { lost: 'Every token is lost: requests with one are answered 401.', remedy: fromBackup },
  keys: {
    lost: 'The signing keys are lost: a process that starts creates new ones, and receivers refuse signatures until they fetch the new key set.',
    remedy: `${fromBackup} Without one, restart every process.`,
  },
  erasures: {
    lost: 'Erasures under way do not continue, and the record of the finished ones is lost.',
    remedy: 'Repeat the erasures that were not done.',
  },
  replays: {
    lost: 'Replays under way do not continue, and the record of the finished ones is lost.',
    remedy: 'Start the replays again that were not done.',
  },
  audit: { lost: 'The audit is lost up to now.', remedy: fromBackup },
  progress: {
    lost: 'Where lost consumers and a lost stream continue is not known, until workers store it again within seconds.',
    remedy: nothing,
  },
  aside: { lost: 'The messages that were set aside are lost.', remedy: fromBackup },
  unmatched: { lost: 'Which events matched no subscription is not known any more.', remedy: nothing },
  activity: { lost: 'The figures of the last hour are lost.', remedy: nothing },
  health: { lost: 'The state of the circuits is lost; each begins closed at the next start.', remedy: nothing },
  idempotency: {
    lost: 'A request that is repeated with its Idempotency-Key is processed again.',
    remedy: nothing,
  },
  upkeep: { lost: 'Nothing is lost.', remedy: nothing },
}
