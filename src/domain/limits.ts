/** The limits of the service. The API reference lists them. */
export const limits = {
  /** Size of a request body with one event, and of one event in a batch; a larger one gets 413. */
  eventBytes: 64 * 1024,
  batchEvents: 500,
  subscriptionsPerTenant: 50,
  urlLength: 2_048,
  headerCount: 20,
  headerValueLength: 1_024,
  /** How much of a receiver's answer is read and stored. */
  responseBytes: 4 * 1024,
  /** How far an event's timestamp may lie in the future (clock skew); the past is not limited. */
  clockSkewMs: 5 * 60_000,
} as const
