import type { Delivery } from '../../src/domain/delivery.ts'
import { isOperational } from '../../src/domain/event.ts'
import type { OperationalType } from '../../src/domain/operational.ts'
import type { EpochMs } from '../../src/domain/time.ts'
import type { Consequence } from './failing.ts'
import type { SubscriptionEffect } from './protocol.ts'
import type { SubscriptionState } from './state.ts'
import { just, type SubscriptionStep } from './step.ts'

/** Publishes notices before a subscription is disabled, disables it, and publishes its recovery. */
export const applyConsequence = (
  state: SubscriptionState,
  consequence: Consequence | null,
  words: string,
  traceparent: string,
  now: EpochMs,
): SubscriptionStep => {
  if (consequence === null || state.subscription.status === 'disabled') return just(state)
  const { subscription, failing } = state
  if (consequence === 'recovered') return { state, effects: [announcement(state, 'recovered', `${now}`, {}, now)] }
  const since = new Date(failing.since ?? now).toISOString()
  const data = { failingSince: since, reason: words }
  if (consequence === 'failing') return { state, effects: [announcement(state, 'failing', since, data, now)] }
  const reason =
    consequence === 'disable_gone'
      ? 'The endpoint answered twice that it is gone (410).'
      : `No delivery has succeeded since ${since}. ${words}`
  const disabled = { ...subscription, status: 'disabled', statusReason: reason, statusSince: now } as const
  return {
    state: { ...state, subscription: disabled },
    effects: [{ type: 'disable', reason, at: now, traceparent }, announcement(state, 'disabled', since, data, now)],
  }
}

const announcement = (
  { subscription: { id, tenant }, failing }: SubscriptionState,
  type: 'failing' | 'disabled' | 'recovered',
  since: string,
  data: object,
  now: EpochMs,
): SubscriptionEffect => ({
  type: 'announce',
  announcement: {
    type: `webhook.subscription.${type}` satisfies OperationalType,
    tenant,
    subscriptionId: id,
    key: `${type} ${id} ${since} ${failing.notices}`,
    at: now,
    data: { subscriptionId: id, ...data },
  },
})

const isGivenUp = ({ reason }: Delivery): boolean => reason === 'exhausted' || reason === 'redirected'

/** Announces a delivery that will not be retried, unless it is an announcement itself. */
export const announceExhausted = (row: Delivery, now: EpochMs): readonly SubscriptionEffect[] =>
  row.status !== 'dead' || !isGivenUp(row) || isOperational(row.type)
    ? []
    : [
        {
          type: 'announce',
          announcement: {
            type: 'webhook.delivery.exhausted',
            tenant: row.tenant,
            subscriptionId: row.subscriptionId,
            key: `exhausted ${row.id} ${row.revision}`,
            at: now,
            data: {
              subscriptionId: row.subscriptionId,
              deliveryId: row.id,
              eventId: row.eventId,
              visitId: row.visitId,
              eventType: row.type,
              attempts: row.attempts.at(-1)?.number ?? 0,
            },
          },
        },
      ]
