import type { Log } from '../../observability/log.ts'
import { descriptorLimit } from '../../observability/metrics/descriptors.ts'

/** Below this a service with many endpoints runs into its limit. */
const enough = 4_096
/** A process has no use for more attempts at the same time. */
const mostAttempts = 16_384

/** How many attempts may be made at the same time: half of the descriptors. The rest is for the API's clients, NATS, MongoDB, exports and files. */
export const attemptLimit = (limit: number | null): number =>
  limit === null ? mostAttempts : Math.max(1, Math.min(mostAttempts, Math.floor(limit / 2)))

/** Returns how many descriptors this process may have open, and logs it, with a warning if it is low. */
export const loggedDescriptorLimit = (log: Pick<Log, 'info' | 'warn'>, limit = descriptorLimit()): number | null => {
  const fields = { limit, attempts: attemptLimit(limit) }
  const isLow = limit !== null && limit < enough
  if (isLow) log.warn({ ...fields, remedy }, 'few file descriptors: attempts will wait for one another')
  else log.info(fields, 'file descriptors')
  return limit
}

const remedy =
  `raise the limit to ${enough} or more: \`ulimit -n 65536\` in the shell, LimitNOFILE=65536 in the systemd unit, ` +
  '`--ulimit nofile=65536` for a container'
