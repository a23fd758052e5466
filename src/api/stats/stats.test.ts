import test from 'ava'
import { isoAgo } from '../../../test/support/shown-documents.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { ago, nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'

test('the stats are of the last hour from a whole minute on, by subscription and minute', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const minute = (subscriptionId: string, minutes: number) => ({
    ...storedDocuments.minute,
    subscriptionId,
    at: ago(minutes),
  })
  const since = async () => [minute('a', 5), minute('b', 5), minute('a', 4)]
  const { body, calls } = await call('getStats', {}, { now: () => nine + 59_999, activity: { since } })
  const one = { attempts: 4, succeeded: 3, failed: 1, successRate: 0.75, p50Ms: 0.5, p95Ms: 1 }
  t.deepEqual<unknown, unknown>(body, {
    from: isoAgo(60),
    to: '2026-03-02T09:00:59.999Z',
    items: [
      {
        subscriptionId: 'a',
        ...one,
        attempts: 8,
        succeeded: 6,
        failed: 2,
        buckets: [
          { at: isoAgo(5), ...one },
          { at: isoAgo(4), ...one },
        ],
      },
      { subscriptionId: 'b', ...one, buckets: [{ at: isoAgo(5), ...one }] },
    ],
  })
  t.deepEqual(calls.at(-1), ['activity.since', 'acme', ago(60), undefined])
})
