import { type Backlog, emptyBacklog } from '../../domain/backlog.ts'
import { awaitsVerification } from '../../domain/endpoint-check.ts'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { defaultOverlapMs, subscriptionActionOperations } from './action-operations.ts'
import { answerSubscription } from './answer.ts'
import {
  findSubscription,
  type HealthStore,
  type InForce,
  type SubscriptionStore,
  updateSubscription,
} from './store.ts'

export interface SubscriptionActionDeps {
  readonly subscriptions: Pick<SubscriptionStore, 'get' | 'replace'>
  readonly health: Pick<HealthStore, 'get' | 'forget'>
  readonly deliveries: {
    /** Cancels the rows of a subscription that its pause has held since this moment, and returns how many these were. */
    skipHeld(subscriptionId: string, heldSince: EpochMs, now: EpochMs): Promise<number>
    backlogs(subscriptionIds: readonly string[]): Promise<ReadonlyMap<string, Backlog>>
  }
  /** The text of a secret with these 32 bytes. */
  readonly newSecret: (bytes: Buffer) => string
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  readonly inForce: InForce
  /** Makes all processes look at a subscription. */
  readonly wake: (id: string) => void
  readonly now: () => EpochMs
}

/** Pausing and resuming a subscription, and replacing its secret. */
export const subscriptionActionRoutes = (operations: Operations, deps: SubscriptionActionDeps): void => {
  const { deliveries, health, now } = deps

  operations.add(subscriptionActionOperations.pause, async context => {
    const { before, after } = await updateSubscription(deps, context.params, subscription => {
      if (subscription.status === 'disabled')
        throw new Failure('conflict', 'The subscription is already disabled; its events are held.')
      if (subscription.status === 'paused') return null
      return { ...subscription, status: 'paused', statusReason: 'Paused by a user.', statusSince: now() }
    })
    context.state.record({ before, after })
    await deps.inForce(after.tenant, after.id, after.version)
    return answerSubscription(context, after, await health.get(after.id))
  })

  operations.add(subscriptionActionOperations.resume, async context => {
    const { catchUp = true } = context.state.body
    const found = await findSubscription(deps, context.params)
    if (found.requireVerification === true && found.verification?.state !== 'verified')
      throw new Failure('conflict', awaitsVerification)
    // Before the subscription is active again: otherwise a held event could still be sent.
    const skips = !catchUp && found.status !== 'active'
    const skipped = skips ? await deliveries.skipHeld(found.id, found.statusSince ?? 0, now()) : 0
    const { before, after } = await updateSubscription(
      deps,
      context.params,
      ({ statusReason: _, statusSince: __, ...subscription }) =>
        subscription.status === 'active' ? null : { ...subscription, status: 'active' },
    )
    const { id, tenant, status, version } = after
    context.state.record({ before, after: catchUp ? { status } : { status, skipped } })
    if (before.status === 'disabled') await health.forget(id)
    await deps.inForce(tenant, id, version)
    deps.wake(id)
    const { pending, held } = (await deliveries.backlogs([id])).get(id) ?? emptyBacklog
    return answerSubscription(context, after, await health.get(id), { pending, held, skipped })
  })

  /** True: an earlier call with the same key has made this the secret. */
  const isInUse = async (secret: string, { sealedSecret }: Subscription): Promise<boolean> =>
    (await deps.open(sealedSecret)) === secret

  operations.add(subscriptionActionOperations.rotateSecret, async context => {
    const { body, identity, record } = context.state
    const secret = deps.newSecret(identity.bytes('secret'))
    const validUntil = identity.at + (body.overlapMs ?? defaultOverlapMs)
    const isDone = identity.isRepeated && (await isInUse(secret, await findSubscription(deps, context.params)))
    const sealedSecret = await deps.seal(secret)
    const { after } = await updateSubscription(deps, context.params, subscription =>
      isDone
        ? null
        : { ...subscription, sealedSecret, previousSecret: { sealed: subscription.sealedSecret, validUntil } },
    )
    const previousValidUntil = new Date(validUntil).toISOString()
    record({ after: { previousValidUntil } })
    await deps.inForce(after.tenant, after.id, after.version)
    return { secret, previousValidUntil }
  })
}
