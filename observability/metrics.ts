import { metrics } from '@opentelemetry/api'
import type { DeliveryReason, DeliveryStatus } from '../src/domain/delivery.ts'
import type { CircuitPhase } from '../src/domain/health.ts'
import { metricNames } from './names.ts'

/** What the service counts. Labels are bounded sets; ids belong on spans. Seconds throughout. */
export interface DoorbellMetrics {
  settled(status: DeliveryStatus, reason: DeliveryReason | undefined, eventAgeMs: number): void
  circuitChanged(to: CircuitPhase): void
  attempted(outcome: string, tookMs: number): void
  sent(result: 'accepted' | 'duplicate' | 'failed'): void
  processed(result: string, tookMs: number): void
  /** What retention removed: waiting rows given up, rows' contents, messages of the stream, rows of the log; and what was erased. */
  retained(what: 'ended' | 'contents' | 'messages' | 'rows' | 'erased', count: number): void
}

export interface Gauges {
  readonly supervisors: () => number
  readonly openMessages: () => number
  readonly mailboxDepth: () => number
  readonly partitions: () => number
  /** Seconds since the current signing key began to sign: beyond the rotation's days nobody rotates. */
  readonly signingKeyAgeS: () => number
}

/** `gauges` are read when somebody collects, so they cost nothing otherwise. */
export const createMetrics = (gauges: Gauges): DoorbellMetrics => {
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
  meter
    .createObservableGauge(metricNames.signingKeyAge, { unit: 's', description: 'Since the current key signs' })
    .addCallback(result => result.observe(gauges.signingKeyAgeS()))
  meter.createObservableGauge(metricNames.supervisors).addCallback(result => result.observe(gauges.supervisors()))
  meter.createObservableGauge(metricNames.openMessages).addCallback(result => result.observe(gauges.openMessages()))
  meter.createObservableGauge(metricNames.mailboxDepth).addCallback(result => result.observe(gauges.mailboxDepth()))
  meter.createObservableGauge(metricNames.partitions).addCallback(result => result.observe(gauges.partitions()))
  const circuits = meter.createCounter(metricNames.circuitChanges, { description: 'Circuits that opened or closed' })
  const retained = meter.createCounter(metricNames.retentionRemoved, {
    description: 'Waiting rows given up, rows’ contents, messages and rows that retention removed',
  })
  return {
    retained: (what, count) => retained.add(count, { what }),
    circuitChanged: to => circuits.add(1, { to }),
    settled: (status, reason, eventAgeMs) => {
      outcomes.add(1, reason === undefined ? { status } : { status, reason })
      if (status === 'delivered') deliveryDuration.record(eventAgeMs / 1_000)
    },
    attempted: (outcome, tookMs) => attempts.record(tookMs / 1_000, { outcome }),
    sent: result => sent.add(1, { result }),
    processed: (result, tookMs) => processed.record(tookMs / 1_000, { result }),
  }
}
