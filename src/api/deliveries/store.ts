import type { Delivery, DeliveryStatus } from '../../domain/delivery.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'

export interface DeliveryStore {
  /** The newest first. */
  list(query: {
    tenant: string
    eventId?: string
    subscriptionId?: string
    visitId?: string
    status?: DeliveryStatus
    type?: string
    from?: EpochMs
    to?: EpochMs
    limit: number
    before?: { createdAt: EpochMs; id: string }
  }): Promise<Delivery[]>
  get(tenant: string, id: string): Promise<Delivery | null>
  /** Null when the row has changed since it was read. */
  resend(row: Delivery, body: string, now: EpochMs): Promise<Delivery | null>
  cancel(row: Delivery, now: EpochMs): Promise<Delivery | null>
}

/** Throws Failure `not_found`. */
export const findDelivery = async (
  { deliveries }: { readonly deliveries: Pick<DeliveryStore, 'get'> },
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<Delivery> => {
  const row = await deliveries.get(tenant, id)
  if (row === null) throw new Failure('not_found', 'There is no such delivery in the log.')
  return row
}
