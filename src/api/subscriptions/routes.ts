import type { Backlog } from '../../domain/backlog.ts'
import { Failure } from '../../domain/failure.ts'
import { limits } from '../../domain/limits.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Identity } from '../operation/identity.ts'
import type { Operations } from '../operation/operations.ts'
import { byId, readPage } from '../operation/page.ts'
import { createWarnings } from './warnings.ts'
import { createSettingsCheck, refuseStatus } from './check-settings.ts'
import { answerSubscription, changedSince, checkIfMatch } from './answer.ts'
import { sealExtras } from './extras.ts'
import { subscriptionOperations } from './operations.ts'
import { findSubscription, type HealthStore, type InForce, type SubscriptionStore } from './store.ts'
import { stateBeforeVerification, storedSettings } from './stored-settings.ts'
import { settingsOf, showBacklog, showSubscription } from './wire.ts'

export interface SubscriptionDeps {
  readonly eventTypes: readonly { readonly type: string }[]
  readonly subscriptions: SubscriptionStore
  readonly health: Pick<HealthStore, 'get' | 'many'>
  readonly deliveries: {
    /** A subscription without backlog is left out. */
    backlogs(subscriptionIds: readonly string[]): Promise<ReadonlyMap<string, Backlog>>
  }
  /** Throws Failure `url_refused`. */
  readonly checkUrl: (url: string) => Promise<void>
  /** The text of a secret with these 32 bytes. */
  readonly newSecret: (bytes: Buffer) => string
  readonly seal: (text: string) => Promise<string>
  readonly inForce: InForce
  /** Returns a place in the tenant's events: an event with a higher sequence is accepted after this call. */
  readonly mark: (tenant: string) => Promise<number>
  readonly now: () => EpochMs
}

/** Creating, reading and deleting subscriptions. */
export const subscriptionRoutes = (operations: Operations, deps: SubscriptionDeps): void => {
  const { subscriptions, health, deliveries } = deps
  const types = deps.eventTypes.map(({ type }) => type)
  const [check, warnings] = [createSettingsCheck(types), createWarnings(types)]

  /** Without this, a caller who repeats a request that has no key gets a second subscription. */
  const undo = async ({ tenant, id }: Subscription, error: unknown): Promise<never> => {
    if (!(error instanceof Failure) || !(await subscriptions.remove(tenant, id).catch(() => false))) throw error
    throw notCreated(error)
  }

  const create = async (tenant: string, settings: ReturnType<typeof check>, secret: string, { id, at }: Identity) => {
    await deps.checkUrl(settings.url)
    if ((await subscriptions.count(tenant)) >= limits.subscriptionsPerTenant)
      throw new Failure(
        'limit_reached',
        `A tenant has at most ${limits.subscriptionsPerTenant} subscriptions. Delete one first.`,
      )
    const subscription: Subscription = {
      ...storedSettings(settings),
      ...(await sealExtras(deps, settings)),
      id: id('sub'),
      tenant,
      ...(settings.requireVerification === true ? stateBeforeVerification(at) : { status: 'active' }),
      sealedSecret: await deps.seal(secret),
      version: 1,
      createdSequence: await deps.mark(tenant),
      createdAt: at,
      updatedAt: at,
    }
    await subscriptions.insert(subscription)
    return subscription
  }

  operations.add(subscriptionOperations.create, async context => {
    const { tenant } = context.params
    const { body, identity, record } = context.state
    refuseStatus(body)
    const settings = check(body)
    const secret = deps.newSecret(identity.bytes('secret'))
    const earlier = identity.isRepeated ? await subscriptions.get(tenant, identity.id('sub')) : null
    const subscription = earlier ?? (await create(tenant, settings, secret, identity))
    const { id, version } = subscription
    const others = await subscriptions.list(tenant, { limit: limits.subscriptionsPerTenant })
    record({ id, after: settingsOf(subscription) })
    await deps
      .inForce(tenant, id, version)
      .catch((error: unknown) => (identity.hasKey ? Promise.reject(error as Error) : undo(subscription, error)))
    context.set('Location', `/v1/tenants/${tenant}/subscriptions/${id}`)
    return answerSubscription(context, subscription, null, { secret, ...warnings(settings, id, others) })
  })

  operations.add(subscriptionOperations.list, async ({ params: { tenant }, state: { query } }) => {
    const { items, next } = await readPage(query, {
      ...byId,
      find: ({ limit, after }) => subscriptions.list(tenant, { limit, ...(after !== undefined && { after }) }),
    })
    const ids = items.map(({ id }) => id)
    const [healths, backlogs] = await Promise.all([health.many(ids), deliveries.backlogs(ids)])
    return {
      items: items.map(one => ({
        ...showSubscription(one, healths.get(one.id) ?? null),
        ...showBacklog(backlogs.get(one.id)),
      })),
      next,
    }
  })

  operations.add(subscriptionOperations.get, async context => {
    const subscription = await findSubscription(deps, context.params)
    const { id } = subscription
    const [found, backlogs] = await Promise.all([health.get(id), deliveries.backlogs([id])])
    return answerSubscription(context, subscription, found, showBacklog(backlogs.get(id)))
  })

  operations.add(subscriptionOperations.delete, async context => {
    const found = await findSubscription(deps, context.params)
    checkIfMatch(context, found)
    const { id, tenant, version } = found
    context.state.record({ before: settingsOf(found) })
    const expected = context.get('if-match') === '' ? undefined : version
    if (!(await subscriptions.remove(tenant, id, expected))) throw changedSince()
    await deps.inForce(tenant, id, null)
  })
}

const notCreated = ({ code, retryAfterS, internal, cause }: Failure): Failure =>
  new Failure(
    code,
    'The event store did not confirm the subscription’s place among new events, so it was not created. Retry the request.',
    {
      ...(retryAfterS !== undefined && { retryAfterS }),
      ...(internal !== undefined && { internal }),
      cause,
    },
  )
