import { createDeliveryMetrics } from './metrics/deliveries.ts'
import { createLedgerMetrics } from './metrics/ledger.ts'
import { createMessageMetrics } from './metrics/messages.ts'
import { createRequestMetrics } from './metrics/requests.ts'
import { createRetentionMetrics } from './metrics/retention.ts'

/** What the service counts, told in verbs. Labels are bounded sets; ids belong on spans. Seconds throughout. */
export type DoorbellMetrics = ReturnType<typeof createMetrics>

/** Gauges are apart (metrics/gauges.ts): they are read when somebody collects. */
export const createMetrics = () => ({
  ...createRequestMetrics(),
  ...createMessageMetrics(),
  ...createDeliveryMetrics(),
  ...createLedgerMetrics(),
  ...createRetentionMetrics(),
})
