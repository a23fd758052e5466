import type { Context } from 'koa'
import { type Backlog, emptyBacklog } from '../../domain/backlog.ts'
import type { SubscriptionHealth } from '../../domain/health.ts'
import type { Subscription } from '../../domain/subscription.ts'

/** The part that a customer sets, with masks for what is not shown again. */
export const settingsOf = (subscription: Subscription) => {
  const {
    id: _i,
    tenant: _t,
    status: _s,
    statusReason: _r,
    statusSince: _w,
    sealedSecret: _k,
    previousSecret: _p,
    sealedExtras: _e,
    shownExtras,
    verification: _f,
    probe: _b,
    version: _v,
    createdAt: _c,
    updatedAt: _u,
    ...settings
  } = subscription
  return { ...settings, ...shownExtras }
}

/** A subscription as it goes over the wire: its settings, and how it and its endpoint are. Never its secret. */
export const showSubscription = (subscription: Subscription, health: SubscriptionHealth | null) => {
  const { status, statusReason, statusSince, createdAt, updatedAt } = subscription
  return {
    id: subscription.id,
    ...settingsOf(subscription),
    status,
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(statusSince === undefined ? {} : { statusSince: iso(statusSince) }),
    ...showHealth(health),
    ...showChecks(subscription),
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  }
}

const showChecks = ({ verification, probe, previousSecret }: Subscription) => ({
  ...(verification === undefined ? {} : { verification: { ...verification, at: iso(verification.at) } }),
  ...(probe === undefined ? {} : { probe: { ...probe, at: iso(probe.at) } }),
  ...(previousSecret === undefined ? {} : { previousSecretValidUntil: iso(previousSecret.validUntil) }),
})

const showHealth = (health: SubscriptionHealth | null) => {
  if (health === null) return { circuit: 'closed' }
  const { phase, since, until, reason } = health.circuit
  return {
    circuit: phase,
    ...(phase === 'closed' ? {} : { circuitSince: iso(since) }),
    ...(reason === null ? {} : { circuitReason: reason }),
    ...(until === null ? {} : { nextProbeAt: iso(until) }),
    ...(health.failingSince === null ? {} : { failingSince: iso(health.failingSince) }),
  }
}

/** What waits for it. */
export const showBacklog = ({ pending, held, oldestPendingAt }: Backlog = emptyBacklog) => ({
  pending,
  held,
  oldestPendingAt: oldestPendingAt === null ? null : iso(oldestPendingAt),
})

/** Answers with the subscription and its ETag. */
export const show = (
  context: Context,
  subscription: Subscription,
  health: SubscriptionHealth | null,
  more: object = {},
): void => {
  context.set('ETag', etagOf(subscription))
  context.body = { ...showSubscription(subscription, health), ...more }
}

export const etagOf = ({ version }: Subscription): string => `"${version}"`

const iso = (at: number): string => new Date(at).toISOString()
