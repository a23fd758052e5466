import test, { type ExecutionContext } from 'ava'
import type { Observable } from 'rxjs'
import { ledgerOfFile, newTenant } from '../../test/support/ledger.ts'
import { until } from '../../test/support/until.ts'

const ledger = ledgerOfFile()

/** The values so far, and a wait for as many. */
const follow = (t: ExecutionContext, values$: Observable<unknown>) => {
  const values: unknown[] = []
  const following = values$.subscribe(value => values.push(value))
  t.teardown(() => following.unsubscribe())
  return { values, count: (wanted: number) => until(() => values.length >= wanted) }
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
