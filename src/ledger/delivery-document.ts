import type { Delivery } from '../domain/delivery.ts'
import { isFinal } from '../domain/delivery.ts'
import { retentionBounds } from '../domain/retention.ts'
import { dayMs, type EpochMs } from '../domain/time.ts'

/** How long records without content are kept. */
export const logRetentionMs = 30 * dayMs

/**
 * Each tenant has its own log retention and may change it at any time, so a job removes rows by their age (retention.ts). After the longest
 * possible retention MongoDB itself removes a row, even if no worker runs.
 */
export const longestLogMs = (retentionBounds.logDays.maximum + 1) * dayMs

/** A ledger row as it is stored. `open` marks pending and held rows for the partial indexes. */
export interface DeliveryDocument extends Omit<Delivery, 'id' | 'nextAttemptAt'> {
  readonly _id: string
  readonly nextAttemptAt?: number
  readonly open?: true
  /** The moment when MongoDB removes the row. Unset while the row is open, since such a row is never removed. */
  readonly expireAt?: Date
}

/** Matches the rows of one event: their ids begin with the event's id and a dot, and '/' is the character after '.'. */
export const ofEvent = (eventId: string) => ({ _id: { $gte: `${eventId}.`, $lt: `${eventId}/` } })

export const expiry = (now: EpochMs): Date => new Date(now + longestLogMs)

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
