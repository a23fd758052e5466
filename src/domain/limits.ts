/** Limits of the service, in one place: they are enforced where named, and shown in the API reference. */
export const limits = {
  /** A request body of one event, and one event of a batch. Over it: 413. */
  eventBytes: 64 * 1024,
  batchEvents: 500,
  subscriptionsPerTenant: 50,
  urlLength: 2_048,
  headerCount: 20,
  headerValueLength: 1_024,
  /** How much of a receiver's answer is read and kept. */
  responseBytes: 4 * 1024,
  /** An event's timestamp may lie this far in the future (clock skew); the past is not limited. */
  clockSkewMs: 5 * 60_000,
} as const
