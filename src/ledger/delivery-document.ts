import type { Delivery } from '../domain/delivery.ts'
import { isFinal } from '../domain/delivery.ts'
import { retentionBounds } from '../domain/retention.ts'
import { dayMs, type EpochMs } from '../domain/time.ts'

/** How long ids without content are kept. */
export const logRetentionMs = 30 * dayMs

/**
 * The log's end is each tenant's own and may be changed at any time, so that retention removes rows by their age (retention.ts). This is
 * the longest that anybody can ask for: MongoDB itself forgets a row then, should no worker run.
 */
export const longestLogMs = (retentionBounds.logDays.maximum + 1) * dayMs

/** A ledger row as it is stored: `open` marks pending and held rows for the partial index, `expireAt` is its latest end. */
export interface DeliveryDocument extends Omit<Delivery, 'id' | 'nextAttemptAt'> {
  readonly _id: string
  readonly nextAttemptAt?: number
  readonly open?: true
  /** None while it is open: what is not final is never forgotten. */
  readonly expireAt?: Date
}

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
