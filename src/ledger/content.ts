import type { Document } from 'mongodb'
import type { ClosingReason, ContentGone } from '../domain/delivery.ts'
import type { EpochMs } from '../domain/time.ts'
import { expiry } from './delivery-document.ts'

const withoutAnswers: Document = {
  $map: { input: '$attempts', in: { $unsetField: { field: 'response', input: '$$this' } } },
}

/** The stages of an update that leaves of a row what happened, and nothing of what was said (`withoutContent` of the domain). */
export const removeContent = (contentGone: ContentGone): Document[] => [
  { $set: { contentGone, attempts: withoutAnswers, revision: { $add: ['$revision', 1] } } },
  { $unset: 'body' },
]

/** The same for a row that waits: it ends with this reason. */
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
