import type { Attempt, Delivery, DeliveryReason } from '../../src/domain/delivery.ts'
import type { CircuitPhase } from '../../src/domain/health.ts'
import { classOf, type OutcomeClass } from '../../src/domain/outcome.ts'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter, histogram } from './cells.ts'
import { labelsOf } from './labels.ts'
import { createSubscriptionTally } from './subscription-tally.ts'

/** What keeps a delivery back although its receiver is well counts as ours; everything else was wanted or asked for. */
const ours: ReadonlySet<DeliveryReason | undefined> = new Set([undefined, 'over_capacity', 'own_fault'])

const deadFor: readonly DeliveryReason[] = ['exhausted', 'expired', 'content_expired']

/** Counts attempts and what becomes of deliveries. */
export const createDeliveryMetrics = () => {
  const attempts = histogram(shapes.attemptDuration)
  const attemptLabels = labelsOf((outcome: OutcomeClass) => ({ [a.httpMethod]: 'POST', [a.outcome]: outcome }))
  const first = histogram(shapes.firstAttemptDelay)
  const healthy = { [a.receiverState]: 'healthy' }
  const troubled = { [a.receiverState]: 'troubled' }
  const durations = histogram(shapes.deliveryDuration)
  const outcomes = counter(shapes.deliveryOutcomes)
  const outcomeLabels = labelsOf((key: string) => {
    const [status, reason] = key.split(' ')
    return { [a.deliveryStatus]: status, [a.deliveryReason]: reason }
  })
  // From nought: an increase from no series at all is none to Prometheus.
  for (const key of ['delivered none', 'pending none', ...deadFor.map(reason => `dead ${reason}`)])
    outcomes.add(0, outcomeLabels(key))
  const retries = counter(shapes.retries)
  const retryLabels = labelsOf((outcome: OutcomeClass) => ({ [a.outcome]: outcome }))
  const circuits = counter(shapes.circuitChanges)
  const circuitLabels = labelsOf((to: CircuitPhase) => ({ [a.circuitState]: to }))
  const disables = counter(shapes.disables)
  const refusals = counter(shapes.refusals)
  const refusedAtDelivery = { [a.refusedAt]: 'delivery' }
  const refusedAtConfiguration = { [a.refusedAt]: 'configuration' }
  const tally = createSubscriptionTally()

  return {
    /** Before the attempt's outcome is known to anybody else. */
    attempted: (delivery: Delivery, attempt: Attempt, receiverHealthy: boolean): void => {
      const { number, at, tookMs } = attempt
      const outcome = outcomeOf(attempt)
      attempts.record(tookMs / 1_000, attemptLabels(outcome))
      if (number === 1 && delivery.kind === undefined) {
        const well = receiverHealthy && ours.has(delivery.reason)
        first.record(Math.max(0, at - delivery.createdAt) / 1_000, well ? healthy : troubled)
      }
      if (outcome === 'refused_address') refusals.add(1, refusedAtDelivery)
      if (outcome !== 'own_fault') tally.attempted(delivery, outcome === 'delivered', tookMs)
    },
    /** A row as it was written. */
    settled: ({ status, reason, attempts: made }: Delivery, eventAgeMs: number): void => {
      outcomes.add(1, outcomeLabels(`${status} ${reason ?? 'none'}`))
      if (status === 'delivered') durations.record(eventAgeMs / 1_000)
      const last = made.at(-1)
      if (status === 'pending' && last !== undefined) retries.add(1, retryLabels(outcomeOf(last)))
    },
    /** Rows that were ended without an attempt. */
    ended: (status: 'dead' | 'cancelled', reason: DeliveryReason, count: number): void => {
      if (count > 0) outcomes.add(count, outcomeLabels(`${status} ${reason}`))
    },
    circuitChanged: (to: CircuitPhase): void => circuits.add(1, circuitLabels(to)),
    disabled: (): void => disables.add(1),
    /** A url that nobody may configure. */
    urlRefused: (): void => refusals.add(1, refusedAtConfiguration),
  }
}

const outcomeOf = ({ status, error, tookMs }: Attempt): OutcomeClass =>
  classOf(
    error === undefined
      ? { type: 'answered', status: status ?? 0, response: '', tookMs }
      : { type: 'unanswered', error, tookMs },
  )
