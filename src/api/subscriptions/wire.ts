import { type TSchema, Type } from 'typebox'
import { type Backlog, emptyBacklog } from '../../domain/backlog.ts'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'
import { subscriptionSettings } from '../../domain/subscription-settings.ts'
import { closed, count, either, iso, isoIf, isoOrNull, maybe, moment, text, type Wire } from '../http/wire.ts'
import { compilePick } from '../operation/pick.ts'

/** A default applies to the body that creates a subscription only: elsewhere a generated client would send it. */
const withoutDefaults = <Schemas extends Readonly<Record<string, TSchema>>>(schemas: Schemas): Schemas =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const { default: _, ...kept } = Object.getOwnPropertyDescriptors(schema)
      return [name, Object.defineProperties({}, kept)]
    }),
  ) as Schemas

const { required, withDefault, optional } = subscriptionSettings
const open = withoutDefaults(withDefault)
const settings = { ...required, ...Type.Partial(Type.Object({ ...open, ...optional })).properties }

/** The settings of a subscription: the body that creates one, and what a `PATCH` must amount to. */
export const settingsSchema = Type.Object(
  { ...required, ...Type.Partial(Type.Object({ ...withDefault, ...optional })).properties },
  closed,
)

/** Body of `PATCH …/subscriptions/{id}` (RFC 7396): null removes. It is checked once it is merged. */
export const patchSchema = Type.Object(
  Object.fromEntries(
    Object.entries({ ...required, ...open, ...optional }).map(([name, schema]) => [name, maybe(either(schema))]),
  ),
  closed,
)

const checkResult = <State extends Parameters<typeof Type.Object>[0]>(state: State) =>
  maybe(Type.Object({ ...state, at: moment('When it was tried'), detail: text('In plain words') }, closed))

export const subscriptionAnswer = Type.Object(
  {
    id: Type.String(),
    ...settings,
    status: Type.Enum(['active', 'paused', 'disabled']),
    statusReason: maybe(text('Why it is not active')),
    statusSince: maybe(moment('Since when it has not been active')),
    circuit: Type.Enum(['closed', 'open', 'half-open'], {
      description: 'open: the endpoint fails, and events are held until a probe succeeds',
    }),
    circuitSince: maybe(moment('Since when it has not been closed')),
    circuitReason: maybe(text('Why, in plain words')),
    nextProbeAt: maybe(moment('When the delivery that has been due longest is tried')),
    failingSince: maybe(moment('First failure since the last success')),
    verification: checkResult({ state: Type.Enum(['unverified', 'verified', 'failed']) }),
    probe: checkResult({
      accepted: either(Type.Boolean({ description: 'true: the endpoint accepts events with a wrong signature' })),
    }),
    previousSecretValidUntil: maybe(moment('Until then the previous secret signs too')),
    createdAt: moment('When it was created'),
    updatedAt: moment('When its settings, status, secret or verification last changed'),
    secret: maybe(text('`whsec_…`: shown only in the answer that creates the subscription')),
    pending: maybe(count('Deliveries that wait for a retry')),
    held: maybe(count('Deliveries that wait for room or permission')),
    oldestPendingAt: maybe(either(moment('The oldest pending or held delivery'))),
    warnings: maybe(
      Type.Array(
        Type.Object({ pointer: text('JSON Pointer (RFC 6901) into the body'), detail: Type.String() }, closed),
        {
          description: 'Settings that are allowed and most likely not meant: only in answers to creating and changing',
        },
      ),
    ),
    skipped: maybe(count('Held deliveries that were cancelled by resuming without them')),
  },
  { ...closed, title: 'Subscription' },
)
type Answer = Wire<typeof subscriptionAnswer>

const pickSettings = compilePick(settingsSchema)

/** A subscription’s settings, with masks for what is not shown again. */
export const settingsOf = (subscription: Subscription) => pickSettings({ ...subscription, ...subscription.shownExtras })

/** A subscription as the API shows it: its settings, its state, and its endpoint’s health. */
export const showSubscription = (subscription: Subscription, health: SubscriptionHealth | null): Answer => {
  const { id, status, statusReason, statusSince, verification, probe, previousSecret } = subscription
  return {
    id,
    ...settingsOf(subscription),
    status,
    statusReason,
    statusSince: isoIf(statusSince),
    ...showHealth(health),
    verification: verification && { ...verification, at: iso(verification.at) },
    probe: probe && { ...probe, at: iso(probe.at) },
    previousSecretValidUntil: isoIf(previousSecret?.validUntil),
    createdAt: iso(subscription.createdAt),
    updatedAt: iso(subscription.updatedAt),
  }
}

const showHealth = (health: SubscriptionHealth | null) => {
  if (health === null) return { circuit: 'closed' } as const
  const { phase, since, until, reason } = health.circuit
  return {
    circuit: phase,
    circuitSince: phase === 'closed' ? undefined : iso(since),
    circuitReason: reason ?? undefined,
    nextProbeAt: isoIf(until),
    failingSince: isoIf(health.failingSince),
  }
}

export const showBacklog = ({ pending, held, oldestPendingAt }: Backlog = emptyBacklog) => ({
  pending,
  held,
  oldestPendingAt: isoOrNull(oldestPendingAt),
})
