import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'

const missing: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound]

/** True when the server says that there is no such stream or consumer. A server that does not answer says nothing. */
export const isMissing = (error: unknown): boolean => error instanceof JetStreamApiError && missing.includes(error.code)

export const isConsumerMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound

/** Returns null for a stream or consumer that does not exist. */
export const orMissing = async <T>(look: Promise<T>): Promise<T | null> => {
  try {
    return await look
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const streamExists = 10_058
const consumerExists = [10_105, 10_148]

/** True when another process created it first, with other settings. */
export const isTaken = (error: unknown): boolean =>
  error instanceof JetStreamApiError && (error.code === streamExists || consumerExists.includes(error.code))
