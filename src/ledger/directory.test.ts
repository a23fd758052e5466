import { EventEmitter, once } from 'node:events'
import { mock } from 'node:test'
import test from 'ava'
import { firstValueFrom, toArray, take } from 'rxjs'
import { ledgerOfFile, newTenant } from '../../test/support/ledger.ts'
import type { Failure } from '../domain/failure.ts'
import type { Subscription } from '../domain/subscription.ts'
import { startDirectory } from './directory.ts'
import { createSubscriptionIndex } from './subscription-index.ts'
import { readChange, type Subscriptions } from './subscriptions.ts'

const ledger = ledgerOfFile()
const subscription = (version: number) => ({ id: 'a', tenant: 'acme', version }) as Subscription
const silent = { info: () => undefined, warn: () => undefined }

test('a directory holds the existing subscriptions and follows changes and removals', async t => {
  const of = newTenant()
  const { subscriptions } = ledger()
  const [a, b] = [of.subscription(), of.subscription({ id: `${of.subscriptionId}_b` })]
  await subscriptions.insert(a)
  const directory = await startDirectory(subscriptions, silent)
  t.teardown(directory.stop)
  t.deepEqual(directory.byId(a.id), a)
  t.true(await subscriptions.replace({ ...a, version: 2 }, 1))
  await directory.inForce(a.id, 2)
  t.is(directory.byId(a.id)?.version, 2)
  await subscriptions.insert(b)
  await directory.inForce(b.id, 1)
  t.deepEqual(directory.ofTenant(of.tenant), [{ ...a, version: 2 }, b])
  t.true([...directory.all()].some(({ id }) => id === b.id))
  await subscriptions.remove(of.tenant, a.id)
  await directory.inForce(a.id, null)
  t.deepEqual(directory.ofTenant(of.tenant), [b])
  t.is(directory.byId(a.id), undefined)
})

/** Subscriptions whose change stream the test writes. Each `watch` is one stream, which ends with `interrupt`. */
const scripted = (all: () => readonly Subscription[]) => {
  const steps: string[] = []
  const opened = new EventEmitter()
  const streams: EventEmitter[] = []
  let interrupt: (error: Error) => void = () => undefined
  const push: ((change: object) => void)[] = []
  const watch = () => {
    steps.push('asked')
    const first = Promise.withResolvers<object | null>()
    const queue: object[] = []
    let more = Promise.withResolvers<void>()
    interrupt = error => {
      first.reject(error)
      more.reject(error)
    }
    more.promise.catch(() => undefined)
    push.push(change => {
      first.resolve(null)
      queue.push(change)
      more.resolve()
    })
    const stream = Object.assign(new EventEmitter(), {
      tryNext: () => first.promise,
      close: async () => {
        steps.push('closed')
        interrupt(new Error('closed'))
      },
      async *[Symbol.asyncIterator]() {
        for (;;) {
          for (const change of queue.splice(0)) yield change
          await more.promise
          more = Promise.withResolvers()
          more.promise.catch(() => undefined)
        }
      },
    })
    streams.push(stream)
    setImmediate(() => {
      steps.push('open')
      stream.emit('resumeTokenChanged')
      opened.emit('opened')
    })
    return stream
  }
  const stored = async () => (steps.push('read'), all())
  const subscriptions = { all: stored, versions: stored, watch } as unknown as Subscriptions
  return {
    subscriptions,
    steps,
    opened,
    interrupt: (error: Error) => interrupt(error),
    /** The server answers, and has no change. */
    heard: () => streams.at(-1)?.emit('resumeTokenChanged'),
    push: (change: object) => push.at(-1)?.(change),
  }
}

const changed = ({ id: _id, ...rest }: Subscription) => ({ operationType: 'update', fullDocument: { _id, ...rest } })

test('after an interruption the change stream is open before everything is read again: no change is missed between them', async t => {
  let stored = [subscription(1), { ...subscription(1), id: 'gone' }]
  const { subscriptions, steps, opened, interrupt } = scripted(() => stored)
  const warnings: unknown[] = []
  const waits: number[] = []
  const infos: unknown[] = []
  const log = {
    info: (fields: unknown, text?: string) => void infos.push([fields, text]),
    warn: (fields: unknown) => void warnings.push(fields),
  }
  let time = 100
  const wait = async (ms: number) => {
    waits.push(ms)
    time += 7
  }
  const directory = await startDirectory(subscriptions, log, { wait, monotonicMs: () => time })
  t.teardown(directory.stop)
  const again = once(opened, 'opened')
  stored = [subscription(6)]
  const changes = firstValueFrom(directory.changes$.pipe(take(2), toArray()))
  interrupt(new Error('no primary'))
  await again
  await directory.inForce('a', 6)
  t.deepEqual(steps, ['asked', 'open', 'read', 'closed', 'asked', 'open', 'read'])
  t.is(directory.byId('gone'), undefined, 'what was removed while it was interrupted')
  t.deepEqual(await changes, [
    { type: 'removed', id: 'gone' },
    { type: 'changed', subscription: subscription(6) },
  ])
  t.deepEqual(waits, [500])
  t.is(warnings.length, 1)
  t.is((warnings[0] as { err: Error }).err.message, 'no primary')
  await new Promise(setImmediate)
  t.deepEqual(infos, [[{ tookMs: 7 }, 'subscriptions are current again']])
})

test('each newer version is published once; an older one changes nothing; a stopped directory says nothing', async t => {
  const { subscriptions, steps, push } = scripted(() => [subscription(3)])
  const warnings: unknown[] = []
  const directory = await startDirectory(subscriptions, {
    ...silent,
    warn: (fields: unknown) => void warnings.push(fields),
  })
  const changes = firstValueFrom(directory.changes$.pipe(take(2), toArray()))
  for (const version of [2, 3, 4, 4]) push(changed(subscription(version)))
  push({ operationType: 'invalidate' })
  push({ operationType: 'delete', documentKey: { _id: 'a' } })
  t.deepEqual(await changes, [
    { type: 'changed', subscription: subscription(4) },
    { type: 'removed', id: 'a' },
  ])
  await directory.inForce('a', null)
  await directory.stop()
  t.deepEqual(steps, ['asked', 'open', 'read', 'closed'])
  t.deepEqual(warnings, [])
})

test('the first change that the stream returns is not lost', async t => {
  const { subscriptions } = scripted(() => [subscription(1)])
  const stream = Object.assign(new EventEmitter(), {
    tryNext: () => Promise.resolve(changed(subscription(2))),
    close: () => Promise.resolve(),
    async *[Symbol.asyncIterator]() {
      yield changed(subscription(3))
      await new Promise(() => undefined)
    },
  })
  const first = { ...subscriptions, watch: () => stream } as unknown as Subscriptions
  const directory = await startDirectory(first, silent)
  t.teardown(directory.stop)
  const changes = await firstValueFrom(directory.changes$.pipe(take(2), toArray()))
  t.deepEqual(
    changes.map(change => (change as { subscription: Subscription }).subscription.version),
    [2, 3],
  )
})

test.serial('a version that does not arrive is awaited for five seconds', async t => {
  const { subscriptions } = scripted(() => [])
  const directory = await startDirectory(subscriptions, silent)
  t.teardown(directory.stop)
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  let given = false
  const waiting = directory.inForce('a', 1).then(() => (given = true))
  mock.timers.tick(4_999)
  await new Promise(setImmediate)
  t.false(given)
  mock.timers.tick(1)
  t.true(await waiting)
})

test('a version is awaited until it is in force', async t => {
  const { subscriptions, push } = scripted(() => [subscription(1)])
  const directory = await startDirectory(subscriptions, silent)
  t.teardown(directory.stop)
  await directory.inForce('a', 1)
  await directory.inForce('a', 0)
  await directory.inForce('unknown', null)
  const settled: string[] = []
  const wait = (name: string, id: string, version: number | null) =>
    directory.inForce(id, version).then(() => void settled.push(name))
  const all = [wait('version 2', 'a', 2), wait('new', 'b', 1), wait('removal', 'a', null)]
  await new Promise(setImmediate)
  t.deepEqual(settled, [])
  push(changed(subscription(2)))
  await all[0]
  t.deepEqual(settled, ['version 2'])
  push(changed({ ...subscription(1), id: 'b' }))
  await all[1]
  t.deepEqual(settled, ['version 2', 'new'])
  push({ operationType: 'delete', documentKey: { _id: 'a' } })
  await all[2]
})

test('a refresh takes over what is stored of one tenant now, and knows a removed subscription for good', async t => {
  const of = newTenant()
  const { subscriptions } = ledger()
  const [a, b] = [of.subscription(), of.subscription({ id: `${of.subscriptionId}_b` })]
  await subscriptions.insert(a)
  const { subscriptions: still, push } = scripted(() => [a, b, { ...subscription(1), id: 'other' }])
  const directory = await startDirectory({ ...still, current: subscriptions.current }, silent)
  t.teardown(directory.stop)
  t.deepEqual([directory.holds(a.id, 1), directory.holds(a.id, 2), directory.holds(b.id, null)], [true, false, false])
  t.true(await subscriptions.replace({ ...a, version: 2 }, 1))
  const changes = firstValueFrom(directory.changes$.pipe(take(2), toArray()))
  await directory.refresh(of.tenant)
  t.deepEqual(await changes, [
    { type: 'removed', id: b.id },
    { type: 'changed', subscription: { ...a, version: 2 } },
  ])
  t.deepEqual([directory.holds(a.id, 2), directory.holds(a.id, 3), directory.holds(b.id, null)], [true, false, true])
  t.false(directory.holds(b.id, 1))
  t.is(directory.byId('other')?.version, 1)
  // The change stream is behind the read.
  push(changed({ ...b, version: 9 }))
  push(changed({ ...a, version: 3 }))
  await directory.inForce(a.id, 3)
  t.is(directory.byId(b.id), undefined)
})

test('what the directory hears of during a refresh is newer than the refresh, and stays', async t => {
  const read = Promise.withResolvers<Subscription[]>()
  const { subscriptions, push } = scripted(() => [])
  const directory = await startDirectory({ ...subscriptions, current: () => read.promise }, silent)
  t.teardown(directory.stop)
  const refreshed = directory.refresh('acme')
  push(changed(subscription(1)))
  await directory.inForce('a', 1)
  read.resolve([])
  await refreshed
  t.is(directory.byId('a')?.version, 1)
})

test.serial('a server that says nothing for 15 s is asked again, and what it could not say is read', async t => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  let [stored, time] = [[subscription(1)], 0]
  const { subscriptions, steps, opened, heard } = scripted(() => stored)
  const warnings: string[] = []
  const log = {
    ...silent,
    warn: (fields: object) => void warnings.push(String((fields as { err: Failure }).err.internal)),
  }
  const directory = await startDirectory(subscriptions, log, { wait: async () => undefined, monotonicMs: () => time })
  t.teardown(directory.stop)
  const pass = async (ms: number) => {
    time += ms
    mock.timers.tick(1_000)
    await new Promise(setImmediate)
  }
  await pass(15_000)
  heard()
  t.is(directory.ageMs(), 0)
  await pass(15_000)
  t.deepEqual(steps, ['asked', 'open', 'read'])
  stored = [subscription(6)]
  const again = once(opened, 'opened')
  await pass(1)
  t.deepEqual(steps, ['asked', 'open', 'read'], 'an answer may have arrived while this process was stopped')
  await pass(0)
  await again
  await directory.inForce('a', 6)
  t.deepEqual(warnings, ['the change stream of subscriptions was silent for 15 s'])
  t.deepEqual(steps, ['asked', 'open', 'read', 'closed', 'asked', 'open', 'read'])
  await new Promise(setImmediate)
  t.is(directory.ageMs(), 0)
})

test.serial('a directory is fresh for 30 s after the server last answered, and until then nobody waits', async t => {
  let time = 0
  const { subscriptions, heard } = scripted(() => [])
  const directory = await startDirectory(subscriptions, silent, {
    wait: async () => undefined,
    monotonicMs: () => time,
  })
  t.teardown(directory.stop)
  time = 30_000
  t.deepEqual([directory.isFresh(), directory.ageMs()], [true, 30_000])
  await directory.untilFresh()
  time = 30_001
  t.false(directory.isFresh())
  let isFresh = false
  const waiting = directory.untilFresh().then(() => (isFresh = true))
  await new Promise(setImmediate)
  t.false(isFresh)
  heard()
  await waiting
  t.deepEqual([directory.isFresh(), directory.ageMs()], [true, 0])
})

test.serial('a comparison begins after it was asked for; all that ask during one share the next', async t => {
  const { subscriptions } = scripted(() => [subscription(1)])
  const reads: ReturnType<typeof Promise.withResolvers<Subscription[]>>[] = []
  const versions = () => {
    const read = Promise.withResolvers<Subscription[]>()
    reads.push(read)
    return read.promise
  }
  let stored = subscription(1)
  const directory = await startDirectory({ ...subscriptions, versions, current: async () => [stored] }, silent)
  t.teardown(directory.stop)
  const first = directory.compare()
  await new Promise(setImmediate)
  const later = [directory.compare(), directory.compare()]
  await new Promise(setImmediate)
  t.is(reads.length, 1)
  reads[0]?.reject(new Error('away'))
  await t.throwsAsync(first, { message: 'away' })
  await new Promise(setImmediate)
  t.is(reads.length, 2)
  stored = { ...subscription(1), version: 2 }
  reads[1]?.resolve([stored])
  await Promise.all(later)
  t.is(directory.byId(stored.id)?.version, 2)
  t.is(reads.length, 2)
})

test.serial(
  'every minute the directory is compared with the ledger, and a tenant that differs is read again',
  async t => {
    mock.timers.enable({ apis: ['setInterval'] })
    t.teardown(() => mock.timers.reset())
    const [kept, changedLate, restored] = [
      subscription(1),
      { ...subscription(1), id: 'b', tenant: 'b' },
      { ...subscription(1), id: 'c', tenant: 'c' },
    ]
    const lost = { ...subscription(1), id: 'd', tenant: 'd' }
    const { subscriptions, push } = scripted(() => [kept, changedLate, restored, lost])
    const now = [kept, { ...changedLate, version: 2 }, restored]
    const reads: string[] = []
    const store = {
      ...subscriptions,
      versions: async () => now,
      current: async (tenant: string) => (reads.push(tenant), now.filter(each => each.tenant === tenant)),
    }
    const infos: unknown[] = []
    const log = { ...silent, info: (fields: unknown, text?: string) => void infos.push([fields, text]) }
    const directory = await startDirectory(store, log)
    t.teardown(directory.stop)
    push({ operationType: 'delete', documentKey: { _id: 'c' } })
    await directory.inForce('c', null)
    mock.timers.tick(59_999)
    await new Promise(setImmediate)
    t.deepEqual(reads, [])
    const seen = firstValueFrom(directory.changes$.pipe(take(3), toArray()))
    mock.timers.tick(1)
    t.deepEqual(await seen, [
      { type: 'changed', subscription: { ...changedLate, version: 2 } },
      { type: 'changed', subscription: restored },
      { type: 'removed', id: 'd' },
    ])
    await new Promise(setImmediate)
    t.deepEqual(reads, ['b', 'c', 'd'])
    t.deepEqual(infos, [[{ tenants: 3 }, 'subscriptions differed from the ledger, and were read again']])
    t.deepEqual(directory.ofTenant('c'), [restored])
    mock.timers.tick(60_000)
    await new Promise(setImmediate)
    t.is(infos.length, 1)
  },
)

test('what was restored from a backup is taken over, also in an earlier version', async t => {
  const { subscriptions, push } = scripted(() => [subscription(5)])
  const directory = await startDirectory({ ...subscriptions, current: async () => [subscription(3)] }, silent)
  t.teardown(directory.stop)
  await directory.refresh('acme')
  t.is(directory.byId('a')?.version, 3)
  t.deepEqual(directory.ofTenant('acme'), [subscription(3)])
  push({ operationType: 'delete', documentKey: { _id: 'a' } })
  await directory.inForce('a', null)
  await directory.refresh('acme')
  t.deepEqual(directory.ofTenant('acme'), [subscription(3)])
})

test('a subscription that is removed while it is read stays removed', async t => {
  const read = Promise.withResolvers<Subscription[]>()
  const { subscriptions, push } = scripted(() => [subscription(1)])
  const directory = await startDirectory({ ...subscriptions, current: () => read.promise }, silent)
  t.teardown(directory.stop)
  const refreshed = directory.refresh('acme')
  push({ operationType: 'delete', documentKey: { _id: 'a' } })
  await directory.inForce('a', null)
  read.resolve([subscription(1)])
  await refreshed
  t.is(directory.byId('a'), undefined)
})

test('subscriptions are found by id and by tenant, each in its newest version; a deleted one by none', t => {
  const index = createSubscriptionIndex()
  const of = (id: string, tenant: string, version: number) => ({ id, tenant, version }) as Subscription
  const apply = (subscriptionNow: Subscription) => index.apply({ type: 'changed', subscription: subscriptionNow })
  t.true(apply(of('a', 'acme', 1)))
  t.true(apply(of('b', 'acme', 1)))
  t.true(apply(of('c', 'globex', 5)))
  t.true(apply(of('a', 'acme', 2)))
  t.false(apply(of('a', 'acme', 2)))
  t.false(apply(of('a', 'acme', 1)))
  t.deepEqual(index.byId('a'), of('a', 'acme', 2))
  t.deepEqual(index.ofTenant('acme'), [of('b', 'acme', 1), of('a', 'acme', 2)])
  t.deepEqual(index.ofTenant('globex'), [of('c', 'globex', 5)])
  t.deepEqual(index.ofTenant('none'), [])
  t.deepEqual([...index.all()].map(({ id }) => id).toSorted(), ['a', 'b', 'c'])
  t.true(index.apply({ type: 'removed', id: 'b' }))
  t.true(index.apply({ type: 'removed', id: 'unknown' }))
  t.is(index.byId('b'), undefined)
  t.false(apply(of('b', 'acme', 2)), 'what is read late of a removed one')
  t.false(index.apply({ type: 'removed', id: 'b' }))
  t.deepEqual(index.ofTenant('acme'), [of('a', 'acme', 2)])
  t.deepEqual(index.ofTenant('globex'), [of('c', 'globex', 5)])
  index.apply({ type: 'removed', id: 'a' })
  t.deepEqual(index.ofTenant('acme'), [])
})

test('an entry of the change stream is a changed or a removed subscription, or about none', t => {
  t.deepEqual(readChange({ operationType: 'delete', documentKey: { _id: 'a' } }), { type: 'removed', id: 'a' })
  t.deepEqual(readChange(changed(subscription(1))), { type: 'changed', subscription: subscription(1) })
  t.is(readChange({ operationType: 'update', fullDocument: null }), null)
  t.is(readChange({ operationType: 'drop' }), null)
})
