import type { Context } from 'koa'
import { ulid } from 'ulid'
import { emptyBacklog } from '../../domain/backlog.ts'
import { deliveryId, type Delivery } from '../../domain/delivery.ts'
import { wireBody } from '../../domain/event.ts'
import { awaitsVerification } from '../../domain/endpoint-check.ts'
import { Failure } from '../../domain/failure.ts'
import { matchesType, type Subscription } from '../../domain/subscription.ts'
import { showDelivery } from '../deliveries/routes.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { defaultOverlapMs, subscriptionActionOperations } from './action-operations.ts'
import { show } from './show.ts'

/** Pausing, resuming and trying a subscription. */
export const subscriptionActionRoutes = (operations: Operations, deps: ApiDeps): void => {
  const find = async (context: Context, tenant: string): Promise<Subscription> => {
    const { id = '' } = (context as Context & { params: Record<string, string> }).params
    const found = await deps.subscriptions.get(tenant, id)
    if (found === null) throw new Failure('not_found', `There is no subscription "${id}".`)
    return found
  }

  /** The subscription with another status; the same again when somebody else changed it meanwhile. */
  const change = async (
    context: Context,
    tenant: string,
    changed: (subscription: Subscription) => Subscription | null,
  ): Promise<{ before: Subscription; after: Subscription }> => {
    for (;;) {
      const before = await find(context, tenant)
      const wanted = changed(before)
      if (wanted === null) return { before, after: before }
      const after = { ...wanted, version: before.version + 1, updatedAt: deps.now() }
      if (!(await deps.subscriptions.replace(after, before.version))) continue
      return { before, after }
    }
  }

  operations.add(subscriptionActionOperations.pause, async (context, { tenant, tell }) => {
    const { before, after } = await change(context, tenant, subscription => {
      if (subscription.status === 'disabled')
        throw new Failure('conflict', 'The subscription is disabled already; its events are held.')
      if (subscription.status === 'paused') return null
      return { ...subscription, status: 'paused', statusReason: 'Paused by a user.', statusSince: deps.now() }
    })
    tell({ before: { status: before.status }, after: { status: after.status } })
    await deps.inForce(after.id, after.version)
    show(context, after, await deps.health.get(after.id))
  })

  operations.add(subscriptionActionOperations.resume, async (context, { tenant, body: { catchUp = true }, tell }) => {
    const found = await find(context, tenant)
    if (found.requireVerification === true && found.verification?.state !== 'verified')
      throw new Failure('conflict', awaitsVerification)
    // Before it is active again: nothing of what is not wanted may slip out.
    const skipped = catchUp ? 0 : await deps.deliveries.skipHeld(found.id, deps.now())
    const { before, after } = await change(context, tenant, ({ statusReason: _, statusSince: __, ...subscription }) =>
      subscription.status === 'active' ? null : { ...subscription, status: 'active' },
    )
    tell({ before: { status: before.status }, after: { status: after.status, ...(catchUp ? {} : { skipped }) } })
    if (before.status === 'disabled') await deps.health.forget(after.id)
    await deps.inForce(after.id, after.version)
    deps.wake(after.id)
    const { pending, held } = (await deps.deliveries.backlogs([after.id])).get(after.id) ?? emptyBacklog
    show(context, after, await deps.health.get(after.id), { pending, held, skipped })
  })

  operations.add(subscriptionActionOperations.test, async (context, { tenant, body: { type }, tell }) => {
    const subscription = await find(context, tenant)
    const row = testDelivery(deps, subscription, sampleFor(deps, subscription, type))
    const sent = await deps.sendTest(row, subscription)
    await deps.deliveries.insert(sent)
    tell({ after: { deliveryId: sent.id, type: sent.type, status: sent.status } })
    context.body = showDelivery(sent, deps.jaegerUrl)
  })

  operations.add(subscriptionActionOperations.rotateSecret, async (context, { tenant, body, tell }) => {
    const { overlapMs = defaultOverlapMs } = body
    const secret = deps.newSecret()
    const sealedSecret = await deps.seal(secret)
    const validUntil = deps.now() + overlapMs
    const { after } = await change(context, tenant, subscription => ({
      ...subscription,
      sealedSecret,
      previousSecret: { sealed: subscription.sealedSecret, validUntil },
    }))
    const previousValidUntil = new Date(validUntil).toISOString()
    tell({ after: { previousValidUntil } })
    await deps.inForce(after.id, after.version)
    context.body = { secret, previousValidUntil }
  })

  operations.add(subscriptionActionOperations.verify, async (context, { tenant, tell }) => {
    const found = await find(context, tenant)
    const { type, sample } = sampleFor(deps, found)
    const { verification, probe } = await deps.checkEndpoint(found, { type, data: sample })
    const { before, after } = await change(context, tenant, subscription => {
      // Another url meanwhile: what was found says nothing of it.
      if (subscription.url !== found.url) return null
      const { statusReason, statusSince: _, ...rest } = subscription
      const opens = verification.state === 'verified' && statusReason === awaitsVerification
      return { ...(opens ? { ...rest, status: 'active' as const } : subscription), verification, probe }
    })
    const told = { verification: verification.state, accepted: probe.accepted }
    tell({ before: { status: before.status }, after: { status: after.status, ...told } })
    await deps.inForce(after.id, after.version)
    if (before.status !== after.status) deps.wake(after.id)
    show(context, after, await deps.health.get(after.id))
  })
}

type Sample = ApiDeps['eventTypes'][number]

const sampleFor = ({ eventTypes }: ApiDeps, { eventTypes: patterns }: Subscription, wanted?: string): Sample => {
  const fits = (type: string) => patterns.some(pattern => matchesType(pattern, type))
  const found = eventTypes.find(({ type }) => (wanted === undefined ? fits(type) : type === wanted))
  if (found !== undefined) return found
  const known = eventTypes.map(({ type }) => type).join(', ')
  throw new Failure('unknown_event_type', `There is no event type "${wanted ?? ''}".`, {
    faults: [{ pointer: '/type', detail: `must be one of: ${known}` }],
  })
}

/** A sample of an event type, marked as a test, in a row of its own. It is sent at once, also while the subscription is paused. */
const testDelivery = (deps: ApiDeps, subscription: Subscription, { type, sample }: Sample): Delivery => {
  const now = deps.now()
  const eventId = `test_${ulid(now)}`
  const event = {
    id: eventId,
    type,
    timestamp: new Date(now).toISOString(),
    tenant: subscription.tenant,
    visitId: 'visit-sample',
    data: sample as Readonly<Record<string, unknown>>,
  }
  return {
    id: deliveryId(eventId, subscription.id),
    tenant: subscription.tenant,
    partition: 0,
    subscriptionId: subscription.id,
    eventId,
    visitId: event.visitId,
    type,
    streamSequence: 0,
    status: 'pending',
    nextAttemptAt: now,
    attempts: [],
    revision: 0,
    kind: 'test',
    body: wireBody(event, subscription.payload, 0),
    traceparent: deps.trace()?.traceparent ?? '',
    createdAt: now,
    updatedAt: now,
  }
}
