import { metrics } from '@opentelemetry/api'
import type { DeliveryStatus } from '../src/domain/delivery.ts'
import { metricNames } from './names.ts'

/** What the service counts. Labels are bounded sets; ids belong on spans. Seconds throughout. */
export interface DoorbellMetrics {
  settled(status: DeliveryStatus, eventAgeMs: number): void
  attempted(outcome: string, tookMs: number): void
  sent(result: 'accepted' | 'duplicate' | 'failed'): void
  processed(result: string, tookMs: number): void
}

/** `gauges` are read when somebody collects, so they cost nothing otherwise. */
export const createMetrics = (gauges: { supervisors: () => number; openMessages: () => number }): DoorbellMetrics => {
  const meter = metrics.getMeter('doorbell')
  const deliveryDuration = meter.createHistogram(metricNames.deliveryDuration, {
    unit: 's',
    description: 'Event accepted to 2xx',
  })
  const outcomes = meter.createCounter(metricNames.deliveryOutcomes, { description: 'Rows written, by status' })
  const attempts = meter.createHistogram(metricNames.attemptDuration, {
    unit: 's',
    description: 'One POST to a receiver',
  })
  const sent = meter.createCounter(metricNames.sentMessages, { description: 'Events published, by result' })
  const processed = meter.createHistogram(metricNames.processDuration, {
    unit: 's',
    description: 'Message arrival to its end',
  })
  meter.createObservableGauge(metricNames.supervisors).addCallback(result => result.observe(gauges.supervisors()))
  meter.createObservableGauge(metricNames.openMessages).addCallback(result => result.observe(gauges.openMessages()))
  return {
    settled: (status, eventAgeMs) => {
      outcomes.add(1, { status })
      if (status === 'delivered') deliveryDuration.record(eventAgeMs / 1_000)
    },
    attempted: (outcome, tookMs) => attempts.record(tookMs / 1_000, { outcome }),
    sent: result => sent.add(1, { result }),
    processed: (result, tookMs) => processed.record(tookMs / 1_000, { result }),
  }
}
