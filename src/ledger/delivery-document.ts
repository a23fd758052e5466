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

/**
 * A row that waits holds the event, so it must end even if no worker ever runs again. Retention ends it at the latest when its content is as old
 * as any tenant may keep it, as `dead` and with a notice; MongoDB removes it without one. Ten days more let workers be away that long.
 */
export const longestWaitMs = (retentionBounds.payloadDays.maximum + 10) * dayMs

/** A ledger row as it is stored. `open` marks pending and held rows for the partial indexes. */
export interface DeliveryDocument extends Omit<Delivery, 'id' | 'nextAttemptAt'> {
  readonly _id: string
  readonly nextAttemptAt?: number
  readonly open?: true
  /** The moment when MongoDB removes the row, whatever else happens. Each write of a row renews it. */
  readonly expireAt?: Date
}

/** Matches the rows of one event: their ids begin with the event's id and a dot, and '/' is the character after '.'. */
export const ofEvent = (eventId: string) => ({ _id: { $gte: `${eventId}.`, $lt: `${eventId}/` } })

/** Of a row that is finished at this moment. */
export const expiry = (now: EpochMs): Date => new Date(now + longestLogMs)

/** Of a row that waits, and was last written at this moment. */
export const waitExpiry = (now: EpochMs): Date => new Date(now + longestWaitMs)

export const toDocument = ({ id, nextAttemptAt, ...row }: Delivery): DeliveryDocument => ({
  _id: id,
  ...row,
  ...(nextAttemptAt === null ? {} : { nextAttemptAt }),
  ...(isFinal(row.status) ? { expireAt: expiry(row.updatedAt) } : { open: true, expireAt: waitExpiry(row.updatedAt) }),
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
