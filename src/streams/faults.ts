import { JetStreamApiError } from '@nats-io/jetstream'
import { errorText } from '../domain/error-text.ts'
import { Failure } from '../domain/failure.ts'
import { refusalOf } from './start-faults.ts'

/** JetStream's error codes for a stream or a server at its limits: resources, storage, what the store refused, bytes of the account. */
const fullCodes = new Set([10_002, 10_023, 10_047, 10_077, 10_122])

/** The error in a stream's acknowledgement, as a Failure. */
export const failureOfAck = ({ err_code, description }: { err_code: number; description: string }): Failure =>
  fullCodes.has(err_code) || /maximum (bytes|messages)|insufficient (storage )?resources/i.test(description)
    ? new Failure('stream_full', 'The event store is full and accepted nothing. Retry the request later.', {
        retryAfterS: 30,
        internal: `JetStream ${err_code}: raise the limit of the stream or of its account, or free disk space`,
      })
    : new Failure('streams_unavailable', 'The event store refused the event for now. Retry the request.', {
        retryAfterS: 5,
        internal: `JetStream ${err_code}: see the log of nats-server`,
      })

/** JetStream's code for more than one replica on a server that is not part of a cluster. */
const notClustered = 10_074

/** A request without an answer, as a Failure: no responders, a timeout, or a lost connection. What no waiting fixes is `invalid_settings`. */
export const failureOfRequest = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof JetStreamApiError && error.code === notClustered)
    return new Failure(
      'invalid_settings',
      'The nats-server of NATS_URL is not part of a cluster and keeps one replica only: set DOORBELL_STREAM_REPLICAS=1, or start a cluster of three.',
      { cause: error },
    )
  return new Failure('streams_unavailable', 'The event store cannot be reached. Retry the request.', {
    retryAfterS: 2,
    cause: error,
    internal: refusalOf(error) ?? `${errorText(error)}: check that nats-server runs and that NATS_URL names it`,
  })
}
