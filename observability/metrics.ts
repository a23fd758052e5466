import { createDeliveryMetrics } from './metrics/deliveries.ts'
import { createLedgerMetrics } from './metrics/ledger.ts'
import { createMessageMetrics } from './metrics/messages.ts'
import { createRequestMetrics } from './metrics/requests.ts'
import { createRetentionMetrics } from './metrics/retention.ts'

/** What the service counts, as verbs. Labels have bounded sets of values, and ids belong on spans. Durations come in as milliseconds. */
export type DoorbellMetrics = ReturnType<typeof createMetrics>

/** Makes the counters and histograms. Gauges are read at collection instead: `metrics/gauges.ts`. */
export const createMetrics = () => ({
  ...createRequestMetrics(),
  ...createMessageMetrics(),
  ...createDeliveryMetrics(),
  ...createLedgerMetrics(),
  ...createRetentionMetrics(),
})
