import type { Delivery } from '../domain/delivery.ts'
import { isFinal } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'

/** How long the delivery log keeps a row. */
export const logRetentionMs = 30 * 24 * 60 * 60_000

/** A ledger row as it is stored: `open` marks pending and held rows for the partial index, `expireAt` ends it. */
export interface DeliveryDocument extends Omit<Delivery, 'id' | 'nextAttemptAt'> {
  readonly _id: string
  readonly nextAttemptAt?: number
  readonly open?: true
  /** None while it is open: what is not final is never forgotten. */
  readonly expireAt?: Date
}

export const expiry = (now: EpochMs): Date => new Date(now + logRetentionMs)

export const toDocument = ({ id, nextAttemptAt, ...row }: Delivery): DeliveryDocument => ({
  _id: id,
  ...row,
  ...(nextAttemptAt === null ? {} : { nextAttemptAt }),
  ...(isFinal(row.status) ? { expireAt: expiry(row.updatedAt) } : { open: true }),
})

export const toDelivery = ({
  _id,
  nextAttemptAt,
  open: _open,
  expireAt: _expireAt,
  ...row
}: DeliveryDocument): Delivery => ({
  id: _id,
  ...row,
  nextAttemptAt: nextAttemptAt ?? null,
})
