import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'
import type { EpochMs } from '../../domain/time.ts'
import { isNestedDeeper } from '../../intake/nesting.ts'
import type { Operations } from '../operation/operations.ts'
import { createSettingsCheck, refuseStatus } from './check-settings.ts'
import { answerSubscription, changedSince, checkIfMatch } from './answer.ts'
import { openExtras, sealExtras, unmasked } from './extras.ts'
import { mergePatch } from './merge-patch.ts'
import { subscriptionOperations } from './operations.ts'
import { findSubscription, type HealthStore, type SubscriptionStore } from './store.ts'
import { keptOf, storedSettings } from './stored-settings.ts'
import { settingsOf } from './wire.ts'

export interface SubscriptionChangeDeps {
  readonly eventTypes: readonly { readonly type: string }[]
  readonly subscriptions: Pick<SubscriptionStore, 'get' | 'replace'>
  readonly health: Pick<HealthStore, 'get' | 'forget'>
  readonly checkUrl: (url: string) => Promise<void>
  readonly seal: (text: string) => Promise<string>
  readonly open: (sealed: string) => Promise<string>
  readonly inForce: (subscriptionId: string, version: number) => Promise<void>
  readonly now: () => EpochMs
}

/** No setting is nested deeper, and merging goes as deep as the patch does. */
const maxNesting = 8

/** Changing a subscription’s settings. */
export const subscriptionChangeRoutes = (operations: Operations, deps: SubscriptionChangeDeps): void => {
  const check = createSettingsCheck(deps.eventTypes.map(({ type }) => type))

  operations.add(subscriptionOperations.change, async context => {
    const patch = context.state.body
    refuseStatus(patch)
    if (isNestedDeeper(patch, maxNesting))
      throw new Failure('invalid_request', `The patch is nested more than ${maxNesting} levels deep.`)
    const before = await findSubscription(deps, context.params)
    checkIfMatch(context, before)
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
    if (!(await deps.subscriptions.replace(after, before.version))) throw changedSince()
    context.state.record({ before: settingsOf(before), after: settingsOf(after) })
    // The health of the old endpoint says nothing about a new one.
    if (after.url !== before.url) await deps.health.forget(after.id)
    await deps.inForce(after.id, after.version)
    return answerSubscription(context, after, await deps.health.get(after.id))
  })
}
