import type { ChangeStream, Collection } from 'mongodb'
import { finalize, Observable, share } from 'rxjs'
import type { Delivery } from '../domain/delivery.ts'
import { type DeliveryDocument, toDelivery } from './delivery-document.ts'

/** Rows of a tenant as they change, while somebody listens: one change stream for all who listen to the same tenant. */
export const createLive = (collection: Collection<DeliveryDocument>) => {
  const byTenant = new Map<string, Observable<Delivery>>()
  return {
    rows$: (tenant: string): Observable<Delivery> => {
      const known = byTenant.get(tenant)
      if (known !== undefined) return known
      const rows$ = follow(collection, tenant).pipe(
        finalize(() => void byTenant.delete(tenant)),
        share(),
      )
      byTenant.set(tenant, rows$)
      return rows$
    },
  }
}

const follow = (collection: Collection<DeliveryDocument>, tenant: string): Observable<Delivery> =>
  new Observable(listener => {
    const pipeline = [
      { $match: { operationType: { $in: ['insert', 'replace', 'update'] }, 'fullDocument.tenant': tenant } },
    ]
    const stream: ChangeStream<DeliveryDocument> = collection.watch<DeliveryDocument>(pipeline, {
      fullDocument: 'updateLookup',
    })
    stream.on('change', change => {
      const document = 'fullDocument' in change ? change.fullDocument : undefined
      if (document !== undefined) listener.next(toDelivery(document))
    })
    stream.on('error', error => listener.error(error))
    return () => void stream.close().catch(() => undefined)
  })
