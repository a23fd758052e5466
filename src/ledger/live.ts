import type { Collection } from 'mongodb'
import { defer, filter, finalize, from, map, type Observable, share } from 'rxjs'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'

/**
 * The rows of a tenant as they change. All subscribers share one change stream: each stream takes a connection of the pool, and the
 * ledger's own writes must never wait for them.
 */
export const createLive = (collection: Collection<DeliveryDocument>) => {
  const documents$ = changes(collection).pipe(share())
  return {
    rows$: (tenant: string): Observable<Delivery> =>
      documents$.pipe(
        filter(document => document.tenant === tenant),
        map(toDelivery),
      ),
  }
}

const changes = (collection: Collection<DeliveryDocument>): Observable<DeliveryDocument> =>
  defer(() => {
    const pipeline = [{ $match: { operationType: { $in: ['insert', 'replace', 'update'] } } }]
    const stream = collection.watch<DeliveryDocument>(pipeline, { fullDocument: 'updateLookup' })
    return from(stream).pipe(finalize(() => void stream.close().catch(() => undefined)))
  }).pipe(
    map(change => ('fullDocument' in change ? change.fullDocument : undefined)),
    // A row that was removed before the look-up has no document.
    filter(document => document !== undefined && document !== null),
  )
