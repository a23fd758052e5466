/** What was asked of the service, and what it answered: the side of the truth that the clients have. */
import type { SubscriptionPlan } from './plan.ts'

export interface Asked {
  readonly what: 'create' | 'pause' | 'resume' | 'delete' | 'move' | 'refilter'
  readonly askedAt: number
  /** When it was answered with success; null while it was not. */
  answeredAt: number | null
  /** True when it was answered with a refusal. */
  refused: boolean
  readonly url?: string
  readonly site?: string
}

/** A subscription as its client knows it. */
export interface KnownSubscription {
  readonly plan: SubscriptionPlan
  /** Null until a creation was answered. */
  id: string | null
  readonly asked: Asked[]
}

export interface AcceptedEvent {
  readonly tenant: string
  /** The id in the answer. */
  readonly id: string
  /** The client's own name for it, which is in its data. */
  readonly ref: string
  readonly acceptedAt: number
}

export interface History {
  readonly subscriptions: Map<string, KnownSubscription>
  /** Events that were answered 202. */
  readonly accepted: AcceptedEvent[]
  /** Rows whose resend was asked for, and when. */
  readonly touchedRows: Map<string, number>
  /** Subscriptions of which something was replayed. */
  readonly replayed: Set<string>
}

export const newHistory = (): History => ({
  subscriptions: new Map(),
  accepted: [],
  touchedRows: new Map(),
  replayed: new Set(),
})

export const urlOf = (key: string, version: number): string => `https://${key}.hooks.test/v${version}`
