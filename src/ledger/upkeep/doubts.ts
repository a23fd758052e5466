import type {
  CommandFailedEvent,
  CommandSucceededEvent,
  MongoClient,
  TopologyDescription,
  TopologyDescriptionChangedEvent,
} from 'mongodb'
import { filter, fromEvent, merge, type Observable } from 'rxjs'
import { codeOf } from './repair.ts'

/** Commands of the ledger's own work. Those of a comparison and its repairs are no reason to compare again. */
const work: readonly string[] = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate']

/**
 * The server's codes for an index that a query names and that is missing, a lost privilege or collection, a document that a validator refuses, a full
 * disk, refused and late writes.
 */
const doubtful: readonly unknown[] = [2, 13, 26, 27, 50, 64, 121, 166, 14_031]

/** Emits when something that the ledger needs may be missing or different: a command failed as it does then, or there is a primary again. */
export const doubtsOf = (client: MongoClient): Observable<unknown> =>
  merge(
    (fromEvent(client, 'commandFailed') as Observable<CommandFailedEvent>).pipe(
      filter(({ commandName, failure }) => work.includes(commandName) && doubtful.includes(codeOf(failure))),
    ),
    (fromEvent(client, 'commandSucceeded') as Observable<CommandSucceededEvent>).pipe(
      filter(({ commandName, reply }) => work.includes(commandName) && refusedIn(reply)),
    ),
    (fromEvent(client, 'topologyDescriptionChanged') as Observable<TopologyDescriptionChangedEvent>).pipe(
      filter(
        ({ previousDescription, newDescription }) => !hasPrimary(previousDescription) && hasPrimary(newDescription),
      ),
    ),
  )

interface WriteReply {
  readonly writeErrors?: readonly { readonly code: number }[]
  readonly writeConcernError?: { readonly code: number }
}

/** A command that wrote some of its documents succeeds, and its answer has the errors of the others. */
const refusedIn = (reply: unknown): boolean => {
  const { writeErrors = [], writeConcernError } = (reply ?? {}) as WriteReply
  return [...writeErrors, ...(writeConcernError ? [writeConcernError] : [])].some(({ code }) => doubtful.includes(code))
}

const hasPrimary = ({ servers }: TopologyDescription): boolean =>
  [...servers.values()].some(({ type }) => type === 'RSPrimary')
