import type { Collection } from 'mongodb'
import { filter, map, Observable, share } from 'rxjs'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'

/**
 * Rows of a tenant as they change, while somebody listens. One change stream for all who listen: each takes a connection of the pool, and
 * the ledger's own writes must never wait for them.
 */
export const createLive = (collection: Collection<DeliveryDocument>) => {
  const documents$ = follow(collection).pipe(share())
  return {
    rows$: (tenant: string): Observable<Delivery> =>
      documents$.pipe(
        filter(document => document.tenant === tenant),
        map(toDelivery),
      ),
  }
}

const follow = (collection: Collection<DeliveryDocument>): Observable<DeliveryDocument> =>
  new Observable(listener => {
    const pipeline = [{ $match: { operationType: { $in: ['insert', 'replace', 'update'] } } }]
    const stream = collection.watch<DeliveryDocument>(pipeline, { fullDocument: 'updateLookup' })
    stream.on('change', change => {
      const document = 'fullDocument' in change ? change.fullDocument : undefined
      // Null when it is gone by now.
      if (document) listener.next(document)
    })
    stream.on('error', error => listener.error(error))
    return () => void stream.close().catch(() => undefined)
  })
