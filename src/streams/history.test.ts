import test from 'ava'
import { publication, startStream } from '../../test/support/test-stream.ts'
import type { HistoryQuery } from './history.ts'

/** Two tenants of whom one's id begins with the other's, in a stream of one partition. */
const twoTenants = [
  ['a1', 'acme', 'visit.created'],
  ['b1', 'acme-2', 'visit.created'],
  ['a2', 'acme', 'visit.checked_in'],
  ['a3', 'acme', 'visit.created'],
  ['b2', 'acme-2', 'visit.checked_in'],
] as const

test('a tenant’s history has its own messages only, oldest first, by page, moment and type', async t => {
  const { streams } = await startStream(t, { partitions: 3 })
  for (const [id, tenant, type] of twoTenants) await streams.publish(publication(id, tenant, type))
  const all = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 100 })
  t.deepEqual(
    all.map(({ sequence, type, text }) => [sequence, type, text]),
    [
      [1, 'visit.created', '{"id":"a1"}'],
      [3, 'visit.checked_in', '{"id":"a2"}'],
      [4, 'visit.created', '{"id":"a3"}'],
    ],
  )
  t.true(all.every(({ at }) => Math.abs(at - Date.now()) < 60_000))
  const sequences = async (query: Partial<HistoryQuery>, tenant = 'acme') =>
    (await streams.history({ tenant, from: 0, after: null, limit: 100, ...query })).map(({ sequence }) => sequence)
  for (const [query, expected] of [
    [{ limit: 2 }, [1, 3]],
    [{ limit: 2, after: 3 }, [4]],
    [{ after: 0 }, [1, 3, 4]],
    [{ after: 1, type: 'visit.created' }, [4]],
    [{ type: 'visit.checked_in' }, [3]],
    [{ type: 'visit.check' }, []],
    [{ after: 4 }, []],
    [{ after: 1_000 }, []],
    [{ from: (all[1]?.at ?? 0) + 60_000 }, []],
    // After a page, the moment does not matter any more.
    [{ from: Date.now() + 60_000, after: 1 }, [3, 4]],
  ] as const)
    t.deepEqual(await sequences(query), expected, JSON.stringify(query))
  t.deepEqual(await sequences({}, 'acme-2'), [2, 5])
  t.deepEqual(await sequences({}, 'nobody'), [])
})

test('the history from a moment begins with the first message that was stored then or later', async t => {
  const { streams } = await startStream(t)
  await streams.publish(publication('a'))
  const [first] = await streams.history({ tenant: 'acme', from: 0, after: null, limit: 1 })
  while (Date.now() <= (first?.at ?? 0)) await streams.ping()
  await streams.publish(publication('b'))
  const from = (first?.at ?? 0) + 1
  const texts = await streams.history({ tenant: 'acme', from, after: null, limit: 100 })
  t.deepEqual(
    texts.map(({ text }) => text),
    ['{"id":"b"}'],
  )
})

test('a history that cannot be read is an error, not an empty one', async t => {
  const { streams, manager, stream } = await startStream(t)
  await manager.streams.delete(stream)
  const query: HistoryQuery = { tenant: 'acme', from: 0, after: null, limit: 1 }
  await t.throwsAsync(streams.history(query), { code: 'streams_unavailable' })
})
