import type { EventType } from '../../../config/event-types/event-type.ts'
import type { Delivery } from '../../domain/delivery.ts'
import { awaitsVerification, type EndpointCheck } from '../../domain/endpoint-check.ts'
import { Failure } from '../../domain/failure.ts'
import { matchesType, type Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import { showDelivery } from '../deliveries/wire.ts'
import type { Operations } from '../operation/operations.ts'
import { subscriptionActionOperations } from './action-operations.ts'
import { answerSubscription } from './answer.ts'
import {
  findSubscription,
  type HealthStore,
  type InForce,
  type SubscriptionStore,
  updateSubscription,
} from './store.ts'
import { testDelivery } from './test-delivery.ts'

export interface SubscriptionTrialDeps {
  readonly eventTypes: readonly EventType[]
  readonly subscriptions: Pick<SubscriptionStore, 'get' | 'replace'>
  readonly health: Pick<HealthStore, 'get'>
  readonly deliveries: { insert(row: Delivery): Promise<Delivery> }
  /** Makes the one attempt of a test delivery, and returns its final row. */
  readonly sendTest: (row: Delivery, subscription: Subscription) => Promise<Delivery>
  /** Posts a signed challenge, and an event with a wrong signature, to the endpoint. */
  readonly checkEndpoint: (subscription: Subscription, sample: { type: string; data: object }) => Promise<EndpointCheck>
  readonly inForce: InForce
  readonly wake: (id: string) => void
  /** Makes the worker know that a test event has succeeded: it counts for the circuit. */
  readonly endpointAnswered: (subscriptionId: string) => void
  readonly trace: () => { readonly traceparent: string } | null
  readonly jaegerUrl: string | null
  readonly now: () => EpochMs
}

/** Trying an endpoint: a test event, and its verification. */
export const subscriptionTrialRoutes = (operations: Operations, deps: SubscriptionTrialDeps): void => {
  operations.add(subscriptionActionOperations.test, async context => {
    const subscription = await findSubscription(deps, context.params)
    const eventType = typeFor(deps.eventTypes, subscription, context.state.body.type)
    const { identity } = context.state
    const row = testDelivery(subscription, eventType, identity, deps.trace()?.traceparent ?? '')
    const sent = await deps.sendTest(row, subscription)
    await deps.deliveries.insert(sent)
    if (sent.status === 'delivered') deps.endpointAnswered(subscription.id)
    context.state.record({ after: { deliveryId: sent.id, type: sent.type, status: sent.status } })
    return showDelivery(sent, deps.jaegerUrl)
  })

  operations.add(subscriptionActionOperations.verify, async context => {
    const found = await findSubscription(deps, context.params)
    const { type, sample } = typeFor(deps.eventTypes, found)
    const { verification, probe } = await deps.checkEndpoint(found, { type, data: sample })
    const { before, after } = await updateSubscription(deps, context.params, subscription => {
      // The result says nothing about a url that was set during the check.
      if (subscription.url !== found.url) return null
      const { statusReason, statusSince: _, ...rest } = subscription
      const opens = verification.state === 'verified' && statusReason === awaitsVerification
      return { ...(opens ? { ...rest, status: 'active' as const } : subscription), verification, probe }
    })
    context.state.record({
      before: { status: before.status },
      after: { status: after.status, verification: verification.state, accepted: probe.accepted },
    })
    await deps.inForce(after.tenant, after.id, after.version)
    if (before.status !== after.status) deps.wake(after.id)
    return answerSubscription(context, after, await deps.health.get(after.id))
  })
}

/** The event type with this name, or the first one that the subscription receives. */
const typeFor = (
  eventTypes: readonly EventType[],
  { eventTypes: patterns }: Subscription,
  wanted?: string,
): EventType => {
  const isReceived = (type: string) => patterns.some(pattern => matchesType(pattern, type))
  const found = eventTypes.find(({ type }) => (wanted === undefined ? isReceived(type) : type === wanted))
  if (found !== undefined) return found
  const known = eventTypes.map(({ type }) => type).join(', ')
  throw new Failure('unknown_event_type', `There is no event type "${wanted ?? ''}".`, {
    faults: [{ pointer: '/type', detail: `must be one of: ${known}` }],
  })
}
