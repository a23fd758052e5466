import type { ConsumerConfig } from '@nats-io/jetstream'
import { type Deviation, deviationsOf, isUnset, type Rule } from './deviation.ts'

const arrives = 'Every event of the partition’s tenants reaches its worker.'
const once = 'An event that was delivered is not delivered again.'

/** What each setting of a partition's consumer is needed for. */
const rules: readonly Rule<ConsumerConfig>[] = [
  { setting: 'filter_subject', promise: arrives },
  { setting: 'filter_subjects', isFine: isUnset, promise: arrives },
  { setting: 'deliver_subject', isFine: isUnset, promise: arrives },
  { setting: 'headers_only', isFine: isUnset, promise: arrives },
  { setting: 'priority_policy', isFine: is => isUnset(is) || is === 'none', promise: arrives },
  { setting: 'max_batch', isFine: isUnset, promise: arrives },
  { setting: 'max_bytes', isFine: isUnset, promise: arrives },
  { setting: 'max_expires', isFine: isUnset, promise: arrives },
  { setting: 'rate_limit_bps', isFine: isUnset, promise: arrives },
  { setting: 'replay_policy', promise: arrives },
  { setting: 'inactive_threshold', isFine: isUnset, promise: arrives },
  { setting: 'mem_storage', isFine: isUnset, promise: once },
  { setting: 'max_deliver', promise: 'A message is offered again until its rows are stored.' },
  { setting: 'ack_policy', promise: 'A message is offered again until its rows are stored.' },
  { setting: 'backoff', isFine: isUnset, promise: once },
  { setting: 'ack_wait', promise: once },
  { setting: 'max_ack_pending', promise: 'What a worker has in hand is bounded.' },
]

export const consumerDeviations = (
  found: ConsumerConfig,
  wanted: Partial<ConsumerConfig>,
): Deviation<ConsumerConfig>[] => deviationsOf(rules, found, wanted)
