import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import { isNestedDeeper } from '../../intake/nesting.ts'
import type { Operations } from '../operation/operations.ts'
import { limits } from '../../domain/limits.ts'
import { createWarnings } from './warnings.ts'
import { createSettingsCheck, refuseStatus } from './check-settings.ts'
import { answerSubscription, checkIfMatch } from './answer.ts'
import { openExtras, sealExtras, unmasked } from './extras.ts'
import { mergePatch } from './merge-patch.ts'
import { subscriptionOperations } from './operations.ts'
import { findSubscription, type HealthStore, type InForce, type SubscriptionStore } from './store.ts'
import { keptOf, storedSettings } from './stored-settings.ts'
import { settingsOf } from './wire.ts'

export interface SubscriptionChangeDeps {
  readonly eventTypes: readonly { readonly type: string }[]
  readonly subscriptions: Pick<SubscriptionStore, 'get' | 'list' | 'replace'>
  readonly health: Pick<HealthStore, 'get' | 'forget'>
  readonly checkUrl: (url: string) => Promise<void>
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  readonly inForce: InForce
  readonly now: () => EpochMs
}

type Place = Parameters<typeof findSubscription>[1]

/** A patch of something else repeats no warning. */
const concernsWarnings = (patch: unknown): boolean =>
  typeof patch === 'object' &&
  patch !== null &&
  ['url', 'eventTypes', 'filter', 'headers'].some(name => Object.hasOwn(patch, name))

/** No setting is nested deeper, and merging goes as deep as the patch does. */
const maxNesting = 8

/** Changing a subscription’s settings. */
export const subscriptionChangeRoutes = (operations: Operations, deps: SubscriptionChangeDeps): void => {
  const types = deps.eventTypes.map(({ type }) => type)
  const [check, warnings] = [createSettingsCheck(types), createWarnings(types)]

  const all = (tenant: string) => deps.subscriptions.list(tenant, { limit: limits.subscriptionsPerTenant })

  const changed = async (before: Subscription, patch: unknown) => {
    const extras = await openExtras(deps, before)
    const settings = check(mergePatch({ ...settingsOf(before), ...extras }, unmasked(patch, extras)))
    if (settings.url !== before.url) await deps.checkUrl(settings.url)
    const now = deps.now()
    const after: Subscription = {
      ...keptOf(before, settings, now),
      ...storedSettings(settings),
      ...(await sealExtras(deps, settings)),
      version: before.version + 1,
      updatedAt: now,
    }
    return { after, settings }
  }

  /** Applies the patch to the latest version. A caller who names a version in If-Match learns when it is another one. */
  const change = async (context: Context, place: Place, patch: unknown) => {
    for (;;) {
      const before = await findSubscription(deps, place)
      checkIfMatch(context, before)
      const { after, settings } = await changed(before, patch)
      if (await deps.subscriptions.replace(after, before.version)) return { before, after, settings }
    }
  }

  operations.add(subscriptionOperations.change, async context => {
    const patch = context.state.body
    refuseStatus(patch)
    if (isNestedDeeper(patch, maxNesting))
      throw new Failure('invalid_request', `The patch is nested more than ${maxNesting} levels deep.`)
    const { before, after, settings } = await change(context, context.params, patch)
    context.state.record({ before: settingsOf(before), after: settingsOf(after) })
    // The health of the old endpoint says nothing about a new one.
    if (after.url !== before.url) await deps.health.forget(after.id)
    await deps.inForce(after.tenant, after.id, after.version)
    const more = concernsWarnings(patch) ? warnings(settings, after.id, await all(after.tenant)) : {}
    return answerSubscription(context, after, await deps.health.get(after.id), more)
  })
}
