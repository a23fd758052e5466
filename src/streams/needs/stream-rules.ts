import type { StreamConfig } from '@nats-io/jetstream'
import { type Deviation, deviationsOf, isAtLeast, isUnlimited, isUnset, type Rule } from './deviation.ts'

/** A message is an event of 64 KiB at most, with its headers. */
const messageBytes = 128 * 1_024

const stays =
  'An accepted event stays in the stream until it is delivered, and can be replayed as long as its tenant keeps it.'
const durable = 'An event that was answered with 202 is stored, and survives a restart of the server.'
const removable = 'The contents of events are removed when their retention ends, and when a visitor is erased.'

/** What each setting of the stream is needed for. Settings that are not listed are the operator's. */
export const streamRules: readonly Rule<StreamConfig>[] = [
  { setting: 'sealed', isFine: isUnset, promise: 'The stream accepts events.', refusesEvents: true },
  { setting: 'mirror', isFine: isUnset, promise: 'The stream accepts events.', refusesEvents: true },
  { setting: 'subjects', promise: 'Published events reach the stream.', refusesEvents: true },
  { setting: 'subject_transform', promise: 'Each event reaches the partition of its tenant.', refusesEvents: true },
  { setting: 'retention', promise: stays, refusesEvents: true },
  {
    setting: 'discard',
    promise: 'A full stream refuses events, and drops none that it has accepted.',
    refusesEvents: true,
  },
  { setting: 'discard_new_per_subject', isFine: isUnset, promise: stays },
  { setting: 'max_msgs', isFine: isUnlimited, promise: stays, refusesEvents: true },
  { setting: 'max_msgs_per_subject', isFine: isUnlimited, promise: stays, refusesEvents: true },
  {
    setting: 'max_age',
    isFine: (is, wanted) => isUnlimited(is) || isAtLeast(is, wanted),
    promise: stays,
    refusesEvents: true,
  },
  {
    setting: 'max_msg_size',
    isFine: is => isUnlimited(is) || isAtLeast(is, messageBytes),
    promise: 'Events of up to 64 KiB are accepted.',
  },
  { setting: 'storage', promise: durable, refusesEvents: true },
  { setting: 'persist_mode', isFine: is => isUnset(is) || is === 'default', promise: durable, refusesEvents: true },
  { setting: 'no_ack', isFine: isUnset, promise: durable, refusesEvents: true },
  { setting: 'num_replicas', isFine: isAtLeast, promise: 'Accepted events survive the loss of a server.' },
  {
    setting: 'duplicate_window',
    isFine: isAtLeast,
    promise: 'An event that is published again within 15 minutes is reported as a duplicate.',
  },
  {
    setting: 'max_consumers',
    isFine: (is, wanted) => isUnlimited(is) || isAtLeast(is, wanted),
    promise: 'Each partition has its consumer.',
  },
  {
    setting: 'consumer_limits',
    isFine: isUnset,
    promise: 'The consumers of the partitions stay, and take what they are sent.',
  },
  {
    setting: 'allow_direct',
    promise: 'Accepted events can be read again: for replays, resends and the list of events.',
  },
  { setting: 'allow_atomic', promise: 'Events that arrive at the same time share one flush to disk.' },
  {
    setting: 'allow_rollup_hdrs',
    isFine: isUnset,
    promise: 'No publisher can remove the events of another.',
    refusesEvents: true,
  },
  { setting: 'deny_delete', isFine: isUnset, promise: removable },
  { setting: 'deny_purge', isFine: isUnset, promise: removable },
]

export const streamDeviations = (found: StreamConfig, wanted: Partial<StreamConfig>): Deviation<StreamConfig>[] =>
  deviationsOf(streamRules, found, wanted)

/** Settings that an operator may change as they need, and that are worth a line. */
const ofTheOperator = [
  'max_bytes',
  'description',
  'placement',
  'republish',
  'sources',
  'compression',
  'allow_msg_ttl',
] as const

/** The operator's changes that are kept, as `max_bytes is 1000000`. */
export const keptChanges = (found: StreamConfig): string[] =>
  ofTheOperator
    .filter(setting => !isUnlimited(found[setting]) && (found[setting] as unknown) !== 'none')
    .map(setting => `${setting} is ${JSON.stringify(found[setting])}`)
