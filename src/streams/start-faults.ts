import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from 'nats'
import { Failure } from '../domain/failure.ts'

const userPage = 'docs/operations.md, “The user in NATS”'

/** JetStream is not enabled for the account of the user. */
const notForAccount = 10_039
const limits: Readonly<Record<number, string>> = {
  10_002: 'storage (max_file)',
  10_026: 'consumers (max_consumers: one for each partition of DOORBELL_PARTITIONS)',
  10_027: 'streams (max_streams: 3 are needed)',
  10_028: 'memory (max_mem)',
}

/** Why NATS refuses to do something, and what an operator does about it. Null: it is away, or the cause is another. */
export const refusalOf = (error: unknown): string | null => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError)
      return `NATS refuses the user or token in NATS_URL: write nats://user:password@host, with the password that nats-server has (${userPage}).`
    if (cause instanceof errors.PermissionViolationError) return notAllowed(cause)
    if (cause instanceof JetStreamApiError && cause.code === notForAccount)
      return 'The account of the user in NATS_URL has no JetStream: add jetstream: enabled to the account in the configuration of nats-server.'
    if (cause instanceof JetStreamApiError && limits[cause.code] !== undefined)
      return `The account of the user in NATS_URL is at its limit of ${limits[cause.code]}: raise it in the configuration of nats-server.`
    if (cause instanceof errors.NoRespondersError && /^\$JS\.API\.(STREAM|CONSUMER)\./.test(cause.subject))
      return 'The nats-server of NATS_URL runs without JetStream: start it with -js, or add jetstream { store_dir: … } to its configuration.'
  }
  return null
}

/** The inbox of a connection has a name of its own. */
const notAllowed = ({ operation, subject }: InstanceType<typeof errors.PermissionViolationError>): string => {
  const [what, where] =
    operation === 'publish' ? ['publish', subject] : ['subscribe', subject.replace(/^_INBOX\..*/, '_INBOX.>')]
  return `NATS does not allow the user in NATS_URL to ${what} to ${where}: give it the permissions in deploy/nats/user.conf (${userPage}).`
}

/** A start that NATS refuses ends with the cause: waiting does not help. One that NATS does not answer waits. */
export const failureOfStart = (error: unknown): unknown => {
  const why = refusalOf(error)
  return why === null ? error : new Failure('invalid_settings', why, { cause: error })
}
