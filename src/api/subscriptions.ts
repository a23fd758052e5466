import type Router from '@koa/router'
import type { Context } from 'koa'
import { ulid } from 'ulid'
import { Failure } from '../domain/failure.ts'
import { isNestedDeeper } from '../intake/nesting.ts'
import { limits } from '../domain/limits.ts'
import { defaultRetry } from '../domain/retry.ts'
import { type Subscription, subscriptionDefaults } from '../domain/subscription.ts'
import type { Guard } from './auth.ts'
import { readJson } from './body.ts'
import { readCursor, readLimit, writeCursor } from './cursor.ts'
import type { ApiDeps } from './deps.ts'
import { mergePatch } from './merge-patch.ts'
import { readQuery } from './query.ts'
import { etagOf, settingsOf, show, showSubscription } from './show-subscription.ts'
import { createRequestCheck } from './request-check.ts'
import {
  changeSchema,
  checkMeaning,
  createSchema,
  refuseUnbuilt,
  type SubscriptionSettings,
} from './subscription-schema.ts'

const bodyLimit = 64 * 1_024
/** No setting lies deeper; merging goes as deep as the patch does. */
const maxNesting = 8
const isId = (value: unknown): value is string => typeof value === 'string'

/** What the portal's administrators configure. */
export const subscriptionRoutes = (router: Router, deps: ApiDeps, guard: Guard): void => {
  const types = deps.eventTypes.map(({ type }) => type)
  const created = createRequestCheck<SubscriptionSettings>(createSchema)
  const changed = createRequestCheck<SubscriptionSettings>(changeSchema)

  const find = async (context: Context, tenant: string, id: string): Promise<Subscription> => {
    const found = await deps.subscriptions.get(tenant, id)
    if (found === null) throw new Failure('not_found', `There is no subscription "${id}".`)
    checkIfMatch(context, found)
    return found
  }

  router.post('/v1/tenants/:tenant/subscriptions', async context => {
    const tenant = await guard.tenant(context, 'subscriptions:write')
    const body = await readJson(context, bodyLimit)
    refuseUnbuilt(body)
    const wanted = created(body)
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
      id: `sub_${ulid(now)}`,
      tenant,
      status: 'active',
      sealedSecret: await deps.seal(secret),
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
    await deps.subscriptions.insert(subscription)
    await deps.inForce(subscription.id, subscription.version)
    context.status = 201
    context.set('Location', `/v1/tenants/${tenant}/subscriptions/${subscription.id}`)
    show(context, subscription, null, { secret })
  })

  router.get('/v1/tenants/:tenant/subscriptions', async context => {
    const tenant = await guard.tenant(context, 'subscriptions:read')
    const { limit: wantedLimit, cursor } = readQuery(context, ['limit', 'cursor'])
    const limit = readLimit(wantedLimit)
    const after = readCursor(cursor, isId)
    const found = await deps.subscriptions.list(tenant, { limit: limit + 1, ...(after === undefined ? {} : { after }) })
    const page = found.slice(0, limit)
    const next = found.length > limit ? writeCursor(page.at(-1)?.id) : null
    const health = await deps.health.many(page.map(({ id }) => id))
    context.body = { items: page.map(one => showSubscription(one, health.get(one.id) ?? null)), next }
  })

  router.get('/v1/tenants/:tenant/subscriptions/:id', async context => {
    const tenant = await guard.tenant(context, 'subscriptions:read')
    const subscription = await deps.subscriptions.get(tenant, context.params['id'] ?? '')
    if (subscription === null) throw new Failure('not_found', 'There is no such subscription.')
    const { pending, held, oldestPendingAt } = await deps.deliveries.backlog(subscription.id)
    const oldest = oldestPendingAt === null ? null : new Date(oldestPendingAt).toISOString()
    show(context, subscription, await deps.health.get(subscription.id), { pending, held, oldestPendingAt: oldest })
  })

  router.patch('/v1/tenants/:tenant/subscriptions/:id', async context => {
    const tenant = await guard.tenant(context, 'subscriptions:write')
    const patch = await readJson(context, bodyLimit)
    refuseUnbuilt(patch)
    if (isNestedDeeper(patch, maxNesting))
      throw new Failure('invalid_request', `The patch is nested more than ${maxNesting} levels deep.`)
    const before = await find(context, tenant, context.params['id'] ?? '')
    const wanted = changed(mergePatch(settingsOf(before), patch))
    checkMeaning(wanted, types)
    if (wanted.url !== before.url) await deps.checkUrl(wanted.url)
    const { id, status, statusReason, statusSince, sealedSecret, createdAt } = before
    const why = { ...(statusReason && { statusReason }), ...(statusSince && { statusSince }) }
    const kept = { id, tenant, status, ...why, sealedSecret, createdAt }
    const after: Subscription = { ...fromSettings(wanted), ...kept, version: before.version + 1, updatedAt: deps.now() }
    if (!(await deps.subscriptions.replace(after, before.version))) throw changedMeanwhile()
    // Another endpoint: what was known of the old one says nothing of it.
    if (after.url !== before.url) await deps.health.forget(id)
    await deps.inForce(id, after.version)
    show(context, after, await deps.health.get(id))
  })

  router.delete('/v1/tenants/:tenant/subscriptions/:id', async context => {
    const tenant = await guard.tenant(context, 'subscriptions:write')
    const { id, version } = await find(context, tenant, context.params['id'] ?? '')
    const expected = context.get('if-match') === '' ? undefined : version
    if (!(await deps.subscriptions.remove(tenant, id, expected))) throw changedMeanwhile()
    await deps.inForce(id, Infinity)
    context.status = 204
  })
}

const fromSettings = (wanted: SubscriptionSettings) => ({
  ...subscriptionDefaults,
  retry: defaultRetry,
  ...wanted,
  ...(wanted.headers === undefined ? {} : { headers: lowerCase(wanted.headers) }),
})

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

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
