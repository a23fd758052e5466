import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter, histogram } from './instruments.ts'
import { labelsOf } from './labels.ts'
import { createTenantCounts, type PublishResult } from './tenant-counts.ts'

const labelled = (operation: 'send' | 'process', destination: string) => ({
  [a.messagingSystem]: 'nats',
  [a.messagingOperation]: operation,
  [a.messagingDestination]: destination,
})

/** Counts events that go into the stream and messages that come out of it. */
export const createMessageMetrics = () => {
  const sending = labelled('send', 'visits.in')
  const sent = counter(shapes.sentMessages)
  const sentLabels = labelsOf((result: PublishResult) => ({ ...sending, [a.publishResult]: result }))
  const took = histogram(shapes.publishDuration)
  const processed = histogram(shapes.processDuration)
  const processedLabels = labelsOf((result: string) => ({
    ...labelled('process', 'visits'),
    [a.processResult]: result,
  }))
  const aside = counter(shapes.keptAside)
  // Prometheus sees no increase when a series begins with its first event.
  aside.add(0)
  const flooded = counter(shapes.visitsFlooded)
  flooded.add(0)
  const tenants = createTenantCounts()
  return {
    sent: (tenant: string, result: PublishResult, tookMs: number): void => {
      sent.add(1, sentLabels(result))
      took.record(tookMs / 1_000, sending)
      tenants.sent(tenant, result)
    },
    visitFlooded: (): void => flooded.add(1),
    processed: (result: string, tookMs: number): void => {
      processed.record(tookMs / 1_000, processedLabels(result))
      if (result === 'kept_aside') aside.add(1)
    },
  }
}
