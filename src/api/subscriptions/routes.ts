import type { Context } from 'koa'
import { ulid } from 'ulid'
import { awaitsVerification } from '../../domain/endpoint-check.ts'
import { Failure } from '../../domain/failure.ts'
import { isNestedDeeper } from '../../intake/nesting.ts'
import { limits } from '../../domain/limits.ts'
import { defaultRetry } from '../../domain/retry.ts'
import { type Subscription, subscriptionDefaults } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import { defaultLimit, pageOf, readCursor } from '../operation/page.ts'
import type { ApiDeps } from '../deps.ts'
import { openExtras, sealExtras, unmasked } from './extras.ts'
import { mergePatch } from './merge-patch.ts'
import type { Operations } from '../operation/operation.ts'
import { subscriptionOperations } from './operations.ts'
import { etagOf, settingsOf, show, showBacklog, showSubscription } from './show.ts'
import { createRequestCheck } from '../operation/request-check.ts'
import { checkMeaning, createSchema, refuseUnbuilt, type SubscriptionSettings } from './schema.ts'

/** No setting lies deeper; merging goes as deep as the patch does. */
const maxNesting = 8
const isId = (value: unknown): value is string => typeof value === 'string'

/** What the portal's administrators configure. */
export const subscriptionRoutes = (operations: Operations, deps: ApiDeps): void => {
  const types = deps.eventTypes.map(({ type }) => type)
  const wantedOf = createRequestCheck<SubscriptionSettings>(createSchema)

  const find = async (context: Context, tenant: string, id: string): Promise<Subscription> => {
    const found = await deps.subscriptions.get(tenant, id)
    if (found === null) throw new Failure('not_found', `There is no subscription "${id}".`)
    checkIfMatch(context, found)
    return found
  }

  operations.add(subscriptionOperations.create, async (context, { tenant, body, tell }) => {
    refuseUnbuilt(body)
    const wanted = wantedOf(body)
    checkMeaning(wanted, types)
    await deps.checkUrl(wanted.url)
    if ((await deps.subscriptions.count(tenant)) >= limits.subscriptionsPerTenant)
      throw new Failure(
        'limit_reached',
        `A tenant has at most ${limits.subscriptionsPerTenant} subscriptions. Delete one first.`,
      )
    const now = deps.now()
    const secret = deps.newSecret()
    const subscription: Subscription = {
      ...fromSettings(wanted),
      ...(await sealExtras(deps, wanted)),
      id: `sub_${ulid(now)}`,
      tenant,
      ...(wanted.requireVerification === true ? unverified(now) : { status: 'active' }),
      sealedSecret: await deps.seal(secret),
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    await deps.subscriptions.insert(subscription)
    tell({ id: subscription.id, after: settingsOf(subscription) })
    await deps.inForce(subscription.id, subscription.version)
    context.status = 201
    context.set('Location', `/v1/tenants/${tenant}/subscriptions/${subscription.id}`)
    show(context, subscription, null, { secret })
  })

  operations.add(subscriptionOperations.list, async (context, { tenant, query: { limit = defaultLimit, cursor } }) => {
    const after = readCursor(cursor, isId)
    const found = await deps.subscriptions.list(tenant, { limit: limit + 1, ...(after === undefined ? {} : { after }) })
    const { items, next } = pageOf(found, limit, ({ id }) => id)
    const ids = items.map(({ id }) => id)
    const [health, backlogs] = await Promise.all([deps.health.many(ids), deps.deliveries.backlogs(ids)])
    const shown = items.map(one => ({
      ...showSubscription(one, health.get(one.id) ?? null),
      ...showBacklog(backlogs.get(one.id)),
    }))
    context.body = { items: shown, next }
  })

  operations.add(subscriptionOperations.get, async (context, { tenant, params }) => {
    const subscription = await deps.subscriptions.get(tenant, params['id'] ?? '')
    if (subscription === null) throw new Failure('not_found', 'There is no such subscription.')
    const { id } = subscription
    const [health, backlogs] = await Promise.all([deps.health.get(id), deps.deliveries.backlogs([id])])
    show(context, subscription, health, showBacklog(backlogs.get(id)))
  })

  operations.add(subscriptionOperations.change, async (context, { tenant, params, body: patch, tell }) => {
    refuseUnbuilt(patch)
    if (isNestedDeeper(patch, maxNesting))
      throw new Failure('invalid_request', `The patch is nested more than ${maxNesting} levels deep.`)
    const before = await find(context, tenant, params['id'] ?? '')
    const extras = await openExtras(deps, before)
    const wanted = wantedOf(mergePatch({ ...settingsOf(before), ...extras }, unmasked(patch, extras)))
    checkMeaning(wanted, types)
    if (wanted.url !== before.url) await deps.checkUrl(wanted.url)
    const after: Subscription = {
      ...fromSettings(wanted),
      ...(await sealExtras(deps, wanted)),
      ...keptOf(before, wanted, deps.now()),
      version: before.version + 1,
      updatedAt: deps.now(),
    }
    if (!(await deps.subscriptions.replace(after, before.version))) throw changedMeanwhile()
    tell({ before: settingsOf(before), after: settingsOf(after) })
    // Another endpoint: what was known of the old one says nothing of it.
    if (after.url !== before.url) await deps.health.forget(after.id)
    await deps.inForce(after.id, after.version)
    show(context, after, await deps.health.get(after.id))
  })

  operations.add(subscriptionOperations.delete, async (context, { tenant, params, tell }) => {
    const found = await find(context, tenant, params['id'] ?? '')
    const { id, version } = found
    tell({ before: settingsOf(found) })
    const expected = context.get('if-match') === '' ? undefined : version
    if (!(await deps.subscriptions.remove(tenant, id, expected))) throw changedMeanwhile()
    await deps.inForce(id, Infinity)
    context.status = 204
  })
}

const fromSettings = ({ headers: _, auth: __, ...wanted }: SubscriptionSettings) => ({
  ...subscriptionDefaults,
  retry: defaultRetry,
  ...wanted,
})

const unverified = (now: EpochMs) =>
  ({
    status: 'paused',
    statusReason: awaitsVerification,
    statusSince: now,
    verification: { state: 'unverified', at: now, detail: awaitsVerification },
  }) as const satisfies Partial<Subscription>

/** What a change of the settings leaves as it is. Of another endpoint nothing is known: it is to be verified anew. */
const keptOf = (before: Subscription, { url, requireVerification }: SubscriptionSettings, now: EpochMs) => {
  const { id, tenant, status, statusReason, statusSince, sealedSecret, previousSecret, createdAt } = before
  const why = { ...(statusReason && { statusReason }), ...(statusSince && { statusSince }) }
  const kept = { id, tenant, status, ...why, sealedSecret, ...(previousSecret && { previousSecret }), createdAt }
  if (url !== before.url) return requireVerification === true ? { ...kept, ...unverified(now) } : kept
  const { verification, probe } = before
  return { ...kept, ...(verification && { verification }), ...(probe && { probe }) }
}

/** RFC 9110 §13.1.1: a change by somebody who has not seen the last one is refused. */
const checkIfMatch = (context: Context, subscription: Subscription): void => {
  const wanted = context.get('if-match')
  if (wanted !== '' && wanted !== '*' && !wanted.split(/\s*,\s*/).includes(etagOf(subscription)))
    throw changedMeanwhile()
}

const changedMeanwhile = () =>
  new Failure(
    'precondition_failed',
    'Somebody changed the subscription meanwhile. Read it again and repeat your change.',
  )
