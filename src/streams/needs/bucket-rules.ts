import type { StreamConfig } from '@nats-io/jetstream'
import { type Deviation, deviationsOf, isAtLeast, isUnlimited, isUnset, type Rule } from './deviation.ts'

const promise = 'Each partition has one owner, and another one soon after its owner died.'

const rules: readonly Rule<StreamConfig>[] = [
  { setting: 'subjects', promise },
  { setting: 'sealed', isFine: isUnset, promise },
  { setting: 'mirror', isFine: isUnset, promise },
  { setting: 'subject_transform', isFine: isUnset, promise },
  { setting: 'retention', promise },
  { setting: 'max_age', promise },
  { setting: 'max_msgs', isFine: isUnlimited, promise },
  { setting: 'max_msgs_per_subject', isFine: is => isUnlimited(is) || isAtLeast(is, 1), promise },
  { setting: 'no_ack', isFine: isUnset, promise },
  { setting: 'deny_purge', isFine: isUnset, promise },
  { setting: 'allow_direct', promise },
  { setting: 'num_replicas', isFine: isAtLeast, promise: 'The fleet survives the loss of a server.' },
]

export const bucketDeviations = (found: StreamConfig, wanted: Partial<StreamConfig>): Deviation<StreamConfig>[] =>
  deviationsOf(rules, found, wanted)
