import type { ChangeStreamDocument, Collection } from 'mongodb'
import { filter, from, map, Observable, ReplaySubject, share, startWith, switchMap } from 'rxjs'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'
import { openChanges } from './open-changes.ts'

type Documents = Observable<DeliveryDocument>

/**
 * The rows of a tenant as they change. All subscribers share one change stream: each stream takes a connection of the pool, and the
 * ledger's own writes must never wait for them.
 */
export const createLive = (collection: Collection<DeliveryDocument>) => {
  const opened$ = open(collection).pipe(share({ connector: () => new ReplaySubject<Documents>(1) }))
  return {
    /** Emits `open` first: no change from then on is missed. */
    rows$: (tenant: string): Observable<Delivery | 'open'> =>
      opened$.pipe(
        switchMap(documents$ =>
          documents$.pipe(
            filter(document => document.tenant === tenant),
            map(toDelivery),
            startWith('open' as const),
          ),
        ),
      ),
  }
}

/** Emits the documents as soon as the stream is open, and closes it when nobody is left. */
const open = (collection: Collection<DeliveryDocument>) =>
  new Observable<Documents>(subscriber => {
    const pipeline = [{ $match: { operationType: { $in: ['insert', 'replace', 'update'] } } }]
    const stream = collection.watch<DeliveryDocument>(pipeline, { fullDocument: 'updateLookup' })
    openChanges(stream).then(
      changes => subscriber.next(from(changes).pipe(map(documentOf), filter(isThere), share())),
      (error: unknown) => subscriber.error(error),
    )
    return () => void stream.close().catch(() => undefined)
  })

const documentOf = (change: ChangeStreamDocument<DeliveryDocument>) =>
  'fullDocument' in change ? change.fullDocument : undefined

/** A row that was removed before the look-up has no document. */
const isThere = (document: DeliveryDocument | null | undefined): document is DeliveryDocument =>
  document !== undefined && document !== null
