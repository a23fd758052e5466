import { awaitsVerification } from '../../domain/endpoint-check.ts'
import type { Subscription } from '../../domain/subscription.ts'
import {
  settableFields,
  settingDefaults,
  type StoredSettings,
  type SubscriptionSettings,
} from '../../domain/subscription-settings.ts'
import type { EpochMs } from '../../domain/time.ts'

/** Settings as a subscription stores them: with the defaults, and without headers and auth, which are sealed. */
export const storedSettings = ({ headers: _, auth: __, ...settings }: SubscriptionSettings): StoredSettings => ({
  ...settingDefaults,
  ...settings,
})

const replaced: ReadonlySet<string> = new Set([...settableFields, 'sealedExtras', 'shownExtras'])

/**
 * What a subscription keeps when its settings change. Nothing is known of a new endpoint: it must be verified again. Nor does an endpoint that was
 * never verified receive events once that is required.
 */
export const keptOf = (
  before: Subscription,
  { url, requireVerification }: SubscriptionSettings,
  now: EpochMs,
): Omit<Subscription, keyof StoredSettings | 'sealedExtras' | 'shownExtras'> => {
  const { verification, probe, ...kept } = Object.fromEntries(
    Object.entries(before).filter(([name]) => !replaced.has(name)),
  ) as Omit<Subscription, keyof StoredSettings | 'sealedExtras' | 'shownExtras'>
  if (url !== before.url) return requireVerification === true ? { ...kept, ...stateBeforeVerification(now) } : kept
  const known = { ...kept, ...(verification && { verification }), ...(probe && { probe }) }
  const isVerified = requireVerification !== true || verification?.state === 'verified'
  // What a user has paused, or Doorbell disabled, is held already, and keeps that reason.
  return isVerified || before.requireVerification === true || before.status !== 'active'
    ? known
    : { ...known, ...stateBeforeVerification(now) }
}

/** The state of a subscription that must be verified before it receives events. */
export const stateBeforeVerification = (now: EpochMs) =>
  ({
    status: 'paused',
    statusReason: awaitsVerification,
    statusSince: now,
    verification: { state: 'unverified', at: now, detail: awaitsVerification },
  }) as const satisfies Partial<Subscription>
