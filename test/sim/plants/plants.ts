import { EMPTY, filter, map, Observable } from 'rxjs'
import type { Delivery } from '../../../src/domain/delivery.ts'
import type { Subscription } from '../../../src/domain/subscription.ts'
import type { VisitMessage } from '../../../src/domain/visit-message.ts'
import type { Directory } from '../../../src/ledger/directory.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { Stores } from '../../../src/service/stores.ts'
import type { Streams } from '../../../src/streams/connect.ts'
import { noPlant, type Plant } from './plant.ts'

type Deliveries = Ledger['deliveries']

const withStores = (name: string, fault: string, opened: (stores: Stores) => Stores): Plant => ({
  ...noPlant,
  name,
  fault,
  opened,
})
const withStreams = (name: string, fault: string, change: (streams: Streams) => Partial<Streams>): Plant =>
  withStores(name, fault, stores => ({ ...stores, streams: { ...stores.streams, ...change(stores.streams) } }))
const withDeliveries = (
  name: string,
  fault: string,
  change: (deliveries: Deliveries, ledger: Ledger) => Partial<Deliveries>,
): Plant =>
  withStores(name, fault, stores => {
    const { ledger } = stores
    return {
      ...stores,
      ledger: { ...ledger, deliveries: { ...ledger.deliveries, ...change(ledger.deliveries, ledger) } },
    }
  })
const withDirectory = (name: string, fault: string, change: (directory: Directory) => Partial<Directory>): Plant =>
  withStores(name, fault, stores => ({ ...stores, directory: { ...stores.directory, ...change(stores.directory) } }))

/** Every subscription that the directory shows is changed in this way. */
const shownAs = (name: string, fault: string, change: (subscription: Subscription) => Subscription): Plant =>
  withDirectory(name, fault, directory => ({
    ofTenant: tenant => directory.ofTenant(tenant).map(change),
    byId: id => {
      const found = directory.byId(id)
      return found === undefined ? undefined : change(found)
    },
    *all() {
      for (const each of directory.all()) yield change(each)
    },
    changes$: directory.changes$.pipe(
      map(each => (each.type === 'removed' ? each : { ...each, subscription: change(each.subscription) })),
    ),
  }))

const withMessages = (streams: Streams, change: (message: VisitMessage) => VisitMessage): Partial<Streams> => ({
  feed: (partition, window) => {
    const feed = streams.feed(partition, window)
    return { ...feed, messages$: feed.messages$.pipe(map(change)) }
  },
})

/** Faults that real services of this kind have had. Each must be found. */
export const plants: readonly Plant[] = [
  withStreams('ack-before-row', 'a message is acknowledged when it arrives, before its rows are durable', streams =>
    withMessages(streams, message => {
      message.ack()
      return { ...message, ack: () => undefined }
    }),
  ),
  withStreams('lease-not-renewed', 'a worker believes that it renewed its leases, and they run out', streams => ({
    leases: async options => ({ ...(await streams.leases(options)), renew: async lease => lease }),
  })),
  {
    ...noPlant,
    name: 'reads-before-it-listens',
    fault: 'after an interruption the directory takes what it read before, and misses the changes in between',
    stores: open => ({
      ...open,
      startDirectory: (subscriptions, ...rest) => {
        let first: Promise<Subscription[]> | null = null
        const all = async () => {
          const known = (first ??= subscriptions.all())
          return known
        }
        return open.startDirectory({ ...subscriptions, all }, ...rest)
      },
    }),
  },
  withStreams(
    'pull-outlives-owner',
    'a partition that was given away still asks for messages, and drops them',
    streams => ({
      feed: (partition, window) => {
        const feed = streams.feed(partition, window)
        let complete = () => undefined as void
        let isStopped = false
        const messages$ = new Observable<VisitMessage>(subscriber => {
          complete = () => subscriber.complete()
          feed.messages$.subscribe({
            next: message => isStopped || subscriber.next(message),
            error: (error: unknown) => subscriber.error(error),
          })
        })
        return {
          ...feed,
          messages$,
          stop: async () => {
            isStopped = true
            complete()
          },
        }
      },
    }),
  ),
  withDeliveries(
    'redelivered-sent-again',
    'nothing is looked up, so an event that comes again is posted again',
    () => ({
      existing: async () => new Set<string>(),
    }),
  ),
  withStores('order-lost-at-takeover', 'a new owner does not know which visits have open deliveries', stores => ({
    ...stores,
    ledger: {
      ...stores.ledger,
      visitOrder: { ...stores.ledger.visitOrder, openVisits: async () => ({ visits: [], complete: true }) },
    },
  })),
  withDeliveries(
    'retry-forgets-row',
    'a row that waits for its next attempt is stored without its time',
    deliveries => ({
      update: row => deliveries.update(withoutTime(row)),
      insert: row => deliveries.insert(withoutTime(row)),
    }),
  ),
  shownAs('paused-still-posted', 'a pause changes nothing for the supervisor', subscription =>
    subscription.status === 'paused' ? { ...subscription, status: 'active' } : subscription,
  ),
  withDeliveries('held-never-released', 'held rows are not fetched when they are due', deliveries => ({
    due: async (...query) => (await deliveries.due(...query)).filter(({ status }) => status !== 'held'),
  })),
  withDeliveries('final-row-overwritten', 'a row is replaced whatever its revision is', (deliveries, ledger) => ({
    update: async row => {
      const stored = await ledger.deliveries.get(row.tenant, row.id)
      return deliveries.update(stored === null ? row : { ...row, revision: stored.revision + 1 })
    },
  })),
  shownAs('limit-ignored', 'a subscription gets twice the attempts at a time that it allows', subscription => ({
    ...subscription,
    maxInFlight: subscription.maxInFlight * 2,
  })),
  shownAs('retries-too-often', 'the retry policy gets three attempts more', subscription => ({
    ...subscription,
    retry:
      'maxAttempts' in subscription.retry
        ? { ...subscription.retry, maxAttempts: subscription.retry.maxAttempts + 3 }
        : subscription.retry,
  })),
  withDirectory('deletion-missed', 'a subscription that was deleted stays in the directory', directory => ({
    byId: rememberAll(directory).byId,
    ofTenant: rememberAll(directory).ofTenant,
    changes$: directory.changes$.pipe(filter(({ type }) => type !== 'removed')),
  })),
  shownAs(
    'no-beginning',
    'a subscription receives events that were accepted before it was created',
    ({ createdSequence: _, ...rest }) => rest,
  ),
  withStreams('answered-before-stored', 'an event is answered 202 although the stream did not take it', streams => ({
    publish: publication => streams.publish(publication).catch(() => ({ sequence: 0, duplicate: false })),
  })),
  withStreams('nothing-comes-again', 'a new owner does not ask for what the previous one had in hand', streams => ({
    feed: (partition, window) => {
      const feed = streams.feed(partition, window)
      return {
        ...feed,
        messages$: feed.messages$.pipe(
          filter(message => {
            if (message.redeliveries > 0) message.ack()
            return message.redeliveries === 0
          }),
        ),
      }
    },
  })),
  withStores('wakes-lost', 'no signal reaches a worker, and nobody looks for what waits', stores => ({
    ...stores,
    streams: { ...stores.streams, wakes$: EMPTY },
    ledger: { ...stores.ledger, deliveries: { ...stores.ledger.deliveries, backlogged: async () => [] } },
  })),
]

const withoutTime = (row: Delivery): Delivery => (row.status === 'pending' ? { ...row, nextAttemptAt: null } : row)

const remembered = new WeakMap<Directory, Map<string, Subscription>>()

const rememberAll = (directory: Directory) => {
  const known = remembered.get(directory) ?? new Map<string, Subscription>()
  remembered.set(directory, known)
  const learn = () => {
    for (const each of directory.all()) known.set(each.id, each)
  }
  return {
    byId: (id: string) => (learn(), known.get(id)),
    ofTenant: (tenant: string) => (learn(), [...known.values()].filter(each => each.tenant === tenant)),
  }
}

export const plantNamed = (name: string): Plant | undefined => plants.find(each => each.name === name)
