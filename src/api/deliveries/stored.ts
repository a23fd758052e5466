import type { Delivery } from '../../domain/delivery.ts'
import { Failure } from '../../domain/failure.ts'
import type { DeliveryStore } from './store.ts'

/** Throws Failure `not_found`. */
export const findDelivery = async (
  { deliveries }: { readonly deliveries: Pick<DeliveryStore, 'get'> },
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<Delivery> => {
  const row = await deliveries.get(tenant, id)
  if (row === null) throw new Failure('not_found', 'There is no such delivery in the log.')
  return row
}
