import { type ConsumerConfig, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream'
import { consumerConfig, markKey } from '../consumers.ts'
import type { StreamNames } from '../names.ts'
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

/** These decide only how a message is offered: what was acknowledged under another value was processed. */
const harmless: readonly (keyof ConsumerConfig)[] = ['ack_wait', 'backoff', 'max_ack_pending', 'rate_limit_bps']

/** True if the consumer may have passed over messages, or delivered them in part, so that its own position says nothing. */
export const isPositionLost = (deviations: readonly Deviation<ConsumerConfig>[]): boolean =>
  deviations.some(({ change }) => Object.keys(change).some(setting => !harmless.includes(setting as never)))

/**
 * True for a consumer that Doorbell created: it begins at its mark, or at the start. A copy of it that begins elsewhere, such as with new messages,
 * has skipped some.
 */
export const isOurs = ({ metadata = {}, deliver_policy, opt_start_seq = 0 }: ConsumerConfig): boolean => {
  const { [markKey]: mark } = metadata
  if (mark === undefined) return false
  if (deliver_policy === DeliverPolicy.All) return true
  return deliver_policy === DeliverPolicy.StartSequence && opt_start_seq <= Number(mark) + 1
}

/** The position does not depend on the pace. */
const anyPace = { ackWaitMs: 0, window: 0 }

/** True if what the consumer acknowledged was processed. */
export const hasOurPosition = (names: StreamNames, partition: number, found: ConsumerConfig): boolean =>
  isOurs(found) && !isPositionLost(consumerDeviations(found, consumerConfig(names, anyPace, partition)))

/** True for a consumer that was set to a message that does not exist yet: it would pass over all that come until then. */
export const isAhead = ({ ack_floor }: Pick<ConsumerInfo, 'ack_floor'>, lastSequence: number): boolean =>
  ack_floor.stream_seq > lastSequence
