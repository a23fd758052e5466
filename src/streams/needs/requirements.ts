import type { Requirement } from '../../domain/requirement.ts'
import type { StreamAccess } from '../access.ts'
import { bucketRequirement } from '../bucket.ts'
import type { Exclusively } from '../maintenance-lock.ts'
import type { StreamOptions } from '../stream-config.ts'
import { refusalOf } from '../start-faults.ts'
import { consumersRequirement } from './consumers-requirement.ts'
import { broken } from './deviation.ts'
import { streamRequirement } from './stream-requirement.ts'

/** Everything that Doorbell needs of NATS, in the order in which one depends on the other: the bucket holds the lock for changes of the stream. */
export const requirementsOf = (
  access: StreamAccess,
  options: StreamOptions,
  exclusively: Exclusively,
): readonly Requirement[] =>
  [
    bucketRequirement(access, options),
    streamRequirement(access, options, exclusively),
    consumersRequirement(access, options),
  ].map(orRefused)

/** What NATS refuses to compare or restore is broken; what it does not answer is not known. */
const orRefused = (requirement: Requirement): Requirement => ({
  ...requirement,
  check: async () => {
    try {
      return await requirement.check()
    } catch (error) {
      const why = refusalOf(error)
      if (why === null) throw error
      const promise = 'What Doorbell needs in NATS is restored when it is lost.'
      const deviation = { difference: 'cannot be compared and restored', promise, refusesEvents: false }
      return [broken(`${requirement.name} in NATS`, deviation, why)]
    }
  },
})
