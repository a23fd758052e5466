import type { Attempt, Delivery, DeliveryReason } from '../../src/domain/delivery.ts'
import type { CircuitPhase } from '../../src/domain/health.ts'
import { classOf, type OutcomeClass } from '../../src/domain/outcome.ts'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { counter, histogram } from './instruments.ts'
import { labelsOf } from './labels.ts'
import { createSubscriptionCounts } from './subscription-counts.ts'

/** Reasons of our own to hold a delivery back. The customer or the receiver asked for all others. */
const ours: ReadonlySet<DeliveryReason | undefined> = new Set([undefined, 'over_capacity', 'own_fault'])

const deadFor: readonly DeliveryReason[] = ['exhausted', 'redirected', 'expired', 'content_expired']

/** Counts attempts and the results of deliveries. */
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
  // Prometheus sees no increase when a series begins with its first row.
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
  const counts = createSubscriptionCounts()

  return {
    /** Whether the attempts of this subscription have series of their own. */
    subscriptionHasSeries: counts.hasSeries,
    /** Counts one attempt. `receiverHealthy` is what the supervisor knew of the receiver when it ordered the attempt. */
    attempted: (delivery: Delivery, attempt: Attempt, receiverHealthy: boolean): void => {
      const { number, at, tookMs } = attempt
      const outcome = outcomeOf(attempt)
      attempts.record(tookMs / 1_000, attemptLabels(outcome))
      if (number === 1 && delivery.kind === undefined) {
        const well = receiverHealthy && ours.has(delivery.reason)
        first.record(Math.max(0, at - delivery.createdAt) / 1_000, well ? healthy : troubled)
      }
      if (outcome === 'refused_address') refusals.add(1, refusedAtDelivery)
      if (outcome !== 'own_fault') counts.attempted(delivery, outcome === 'delivered' ? 'delivered' : 'failed', tookMs)
    },
    /** Counts a row as it was written. */
    settled: ({ status, reason, attempts: made }: Delivery, eventAgeMs: number): void => {
      outcomes.add(1, outcomeLabels(`${status} ${reason ?? 'none'}`))
      if (status === 'delivered') durations.record(eventAgeMs / 1_000)
      const last = made.at(-1)
      if (status === 'pending' && last !== undefined) retries.add(1, retryLabels(outcomeOf(last)))
    },
    /** Counts rows that ended without an attempt. */
    ended: (status: 'dead' | 'cancelled', reason: DeliveryReason, count: number): void => {
      if (count > 0) outcomes.add(count, outcomeLabels(`${status} ${reason}`))
    },
    circuitChanged: (to: CircuitPhase): void => circuits.add(1, circuitLabels(to)),
    disabled: (): void => disables.add(1),
    /** Counts a url that the egress guard refused for a subscription. */
    urlRefused: (): void => refusals.add(1, refusedAtConfiguration),
  }
}

const outcomeOf = ({ status, error, tookMs }: Attempt): OutcomeClass =>
  classOf(
    error === undefined
      ? { type: 'answered', status: status ?? 0, response: '', tookMs }
      : { type: 'unanswered', error, tookMs },
  )
