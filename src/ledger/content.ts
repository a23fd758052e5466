import type { Document } from 'mongodb'
import type { ClosingReason, ContentGone } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { expiry } from './delivery-document.ts'

/** The attempts of a row without the receivers' answers, to which the target of a redirect belongs. */
export const withoutAnswers: Document = {
  $map: {
    input: '$attempts',
    in: { $unsetField: { field: 'location', input: { $unsetField: { field: 'response', input: '$$this' } } } },
  },
}

/** The stages of an update that removes a row's content and keeps its log entry (`withoutContent` in the domain). */
export const removeContent = (contentGone: ContentGone): Document[] => [
  { $set: { contentGone, attempts: withoutAnswers, revision: { $add: ['$revision', 1] } } },
  { $unset: 'body' },
]

/** The stages of an update that removes a waiting row's content and ends the row with this reason. */
export const endWithoutContent = (
  status: 'dead' | 'cancelled',
  reason: ClosingReason,
  contentGone: ContentGone,
  now: EpochMs,
): Document[] => [
  ...removeContent(contentGone),
  { $set: { status, reason, updatedAt: now, expireAt: expiry(now) } },
  { $unset: ['open', 'nextAttemptAt'] },
]
