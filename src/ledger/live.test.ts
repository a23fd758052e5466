import { EventEmitter } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { firstValueFrom, type Observable, take, toArray } from 'rxjs'
import { ledgerOfFile, newTenant } from '../../test/support/ledger.ts'
import { until } from '../../test/support/until.ts'
import type { DeliveryDocument } from './delivery-document.ts'
import { createLive } from './live.ts'

const ledger = ledgerOfFile()

/** The values so far, and a wait for as many. */
const follow = (t: ExecutionContext, values$: Observable<unknown>) => {
  const values: unknown[] = []
  const following = values$.subscribe(value => values.push(value))
  const stop = () => following.unsubscribe()
  t.teardown(stop)
  return { values, stop, count: (wanted: number) => until(() => values.length >= wanted) }
}

test('who follows a tenant’s deliveries sees each change from the first value on, and no other tenant’s', async t => {
  const [mine, theirs] = [newTenant(), newTenant()]
  const { live, deliveries } = ledger()
  const first = follow(t, live.rows$(mine.tenant))
  await first.count(1)
  await deliveries.insert(theirs.row('e'))
  const row = await deliveries.insert(mine.row('e'))
  await first.count(2)
  const second = follow(t, live.rows$(mine.tenant))
  await second.count(1)
  const changed = await deliveries.update({ ...row, status: 'delivered', nextAttemptAt: null, revision: 2 })
  await Promise.all([first.count(3), second.count(2)])
  t.deepEqual(first.values, ['open', row, changed])
  t.deepEqual(second.values, ['open', changed])
})

test('all readers share one change stream, which ends with the last of them', async t => {
  const collection = ledger().db.collection<DeliveryDocument>('deliveries')
  let streams = 0
  const closed = Promise.withResolvers<void>()
  const counted = Object.assign(Object.create(collection), {
    watch: (...args: Parameters<typeof collection.watch>) => {
      streams += 1
      const stream = collection.watch(...args)
      stream.once('close', closed.resolve)
      return stream
    },
  })
  const live = createLive(counted)
  const readers = [newTenant(), newTenant()].map(({ tenant }) => follow(t, live.rows$(tenant)))
  await Promise.all(readers.map(({ count }) => count(1)))
  t.is(streams, 1)
  readers.forEach(({ stop }) => stop())
  await closed.promise
})

test('a row that was removed before it could be read is not shown, and does not end the stream', async t => {
  const { tenant, row } = newTenant()
  const { id: _id, ...rest } = row('e')
  const changes = [{ operationType: 'drop' }, { fullDocument: null }, { fullDocument: { _id, ...rest } }]
  const stream = Object.assign(new EventEmitter(), {
    tryNext: () => Promise.resolve(changes.shift()),
    close: () => Promise.reject(new Error('closed already')),
    async *[Symbol.asyncIterator]() {
      yield* changes
    },
  })
  const live = createLive({ watch: () => stream } as never)
  t.deepEqual(await firstValueFrom(live.rows$(tenant).pipe(take(2), toArray())), ['open', row('e')])
})

test('a change stream that cannot be opened is an error for its readers', async t => {
  const tryNext = () => Promise.reject(new Error('no primary'))
  const stream = Object.assign(new EventEmitter(), { tryNext, close: () => Promise.resolve() })
  const live = createLive({ watch: () => stream } as never)
  await t.throwsAsync(firstValueFrom(live.rows$('acme')), { message: 'no primary' })
})
