import test, { type ExecutionContext } from 'ava'
import type { Collection, Document } from 'mongodb'
import type { Attempt, Delivery } from '../../src/domain/delivery.ts'
import { defaultRetry } from '../../src/domain/retry.ts'
import type { Subscription } from '../../src/domain/subscription.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { takeLedger } from './databases.ts'
import { freshName } from './servers.ts'

/** Returns the ledger of a test file. Its tests share one database, so each of them uses a tenant of its own (`newTenant`). */
export const ledgerOfFile = (): (() => Ledger) => {
  let ledger: Ledger
  const ends: (() => unknown)[] = []
  const hooks = { teardown: (end: () => unknown) => void ends.unshift(end) }
  test.before(async () => void (ledger = await takeLedger(hooks as ExecutionContext)))
  test.after.always(async () => {
    for (const end of ends) await end()
  })
  return () => ledger
}

/** Documents of this age are not yet expired, so that MongoDB removes none while a test looks at it. */
export const now = Date.now()

export interface TestTenant {
  readonly tenant: string
  readonly subscriptionId: string
  /** A pending delivery of this event to the tenant's subscription. */
  row(eventId: string, change?: Partial<Delivery>): Delivery
  subscription(change?: Partial<Subscription>): Subscription
}

/** A tenant that no other test has, with the id of a subscription. */
export const newTenant = (tenant: string = freshName('t').replace('_', '-')): TestTenant => ({
  tenant,
  subscriptionId: `sub_${tenant}`,
  row: (eventId, change = {}) => ({
    id: `${eventId}.${change.subscriptionId ?? `sub_${tenant}`}`,
    tenant,
    partition: 1,
    subscriptionId: `sub_${tenant}`,
    eventId,
    visitId: 'visit-1',
    type: 'visit.created',
    streamSequence: 1,
    status: 'pending',
    nextAttemptAt: 100,
    attempts: [],
    revision: 1,
    body: '{}',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    createdAt: 1_000,
    updatedAt: now,
    ...change,
  }),
  subscription: (change = {}) => ({
    id: `sub_${tenant}`,
    tenant,
    url: 'https://receiver.example/',
    eventTypes: ['visit.*'],
    status: 'active',
    retry: defaultRetry,
    timeoutMs: 10_000,
    maxInFlight: 8,
    ordering: 'none',
    payload: 'full',
    propagateTrace: false,
    sealedSecret: 'sealed',
    version: 1,
    createdAt: 1,
    updatedAt: 1,
    ...change,
  }),
})

export const attempt = (number: number, change: Partial<Attempt> = {}): Attempt => ({
  number,
  at: 2_000 + number,
  tookMs: 5,
  status: 500,
  url: 'https://receiver.example/',
  traceId: 'trace',
  spanId: `span-${number}`,
  ...change,
})

/** The collection, on which another writer is faster: `other` runs before the first call of this method. */
export const overtaken = <T extends Document>(
  collection: Collection<T>,
  method: 'updateMany' | 'deleteMany' | 'replaceOne',
  other: () => Promise<unknown>,
): Collection<T> => {
  let first: Promise<unknown> | undefined
  return new Proxy(collection, {
    get: (target, name) => {
      const call = Reflect.get(target, name).bind(target)
      return name === method ? (...args: unknown[]) => (first ??= other()).then(() => call(...args)) : call
    },
  })
}
