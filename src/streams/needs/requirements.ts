import type { Requirement } from '../../domain/requirement.ts'
import type { StreamAccess } from '../access.ts'
import { bucketRequirement } from '../bucket.ts'
import type { Exclusively } from '../maintenance-lock.ts'
import type { StreamOptions } from '../stream-config.ts'
import { consumersRequirement } from './consumers-requirement.ts'
import { streamRequirement } from './stream-requirement.ts'

/** Everything that Doorbell needs of NATS, in the order in which one depends on the other: the bucket holds the lock for changes of the stream. */
export const requirementsOf = (
  access: StreamAccess,
  options: StreamOptions,
  exclusively: Exclusively,
): readonly Requirement[] => [
  bucketRequirement(access, options),
  streamRequirement(access, options, exclusively),
  consumersRequirement(access, options),
]
