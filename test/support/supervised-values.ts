import type { AttemptError, Delivery } from '../../src/domain/delivery.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { defaultRetry } from '../../src/domain/retry.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { StoredState } from '../../actors/subscription/protocol.ts'

/** Values for tests of supervisors. */
export const aSubscription = (change: Partial<Subscription> = {}): Subscription => ({
  id: 'sub_1',
  tenant: 'acme',
  url: 'https://receiver.example/hook',
  eventTypes: ['visit.*'],
  status: 'active',
  retry: defaultRetry,
  timeoutMs: 10_000,
  maxInFlight: 2,
  ordering: 'none',
  payload: 'full',
  propagateTrace: false,
  sealedSecret: 'sealed',
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  ...change,
})

export const aDelivery = (event: string | number, change: Partial<Delivery> = {}): Delivery => ({
  id: `${event}.sub_1`,
  tenant: 'acme',
  partition: 3,
  subscriptionId: 'sub_1',
  eventId: String(event),
  visitId: 'visit-1',
  type: 'visit.checked_in',
  streamSequence: 1,
  status: 'pending',
  nextAttemptAt: 0,
  attempts: [],
  revision: 0,
  body: '{}',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: 0,
  updatedAt: 0,
  ...change,
})

export const anAnswer = (status: number, retryAfterMs?: number): Outcome => ({
  type: 'answered',
  status,
  response: '',
  tookMs: 5,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})

export const noAnswer = (error: AttemptError): Outcome => ({
  type: 'unanswered',
  error,
  tookMs: 5,
})

export const nothingStored: StoredState = { health: null, visits: null }
