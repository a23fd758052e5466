import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { fakeStores } from '../../../test/support/fake-stores.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { showReplay } from './wire.ts'
import { writeCursor } from '../operation/page.ts'

test('a replay without further wishes sends all deliveries, 20 a second, and none from before 1970 or after its start', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const body = { subscriptionId: 'sub_1', from: '1900-01-01T00:00:00Z', to: '2026-03-02T08:00:00Z' }
  const { calls, status } = await call('startReplay', { body })
  t.is(status, 202)
  const made = calls.find(([name]) => name === 'replays.insert')?.[1]
  t.like(made, { from: 0, to: nine - 3_600_000, selection: 'all', perSecond: 20 })
  const none = await call('startReplay', { body: { ...body, to: '1950-01-01T00:00:00Z' } })
  t.is(none.status, 400)
})

test('without a trace a replay belongs to none', async t => {
  const stores = fakeStores()
  let traceparent: string | undefined
  const replays = {
    ...stores.replays,
    insert: async (replay: { traceparent: string }) => void (traceparent = replay.traceparent),
  }
  const { call } = await serveApi(t, { ...stores, replays, trace: () => null })
  const body = { subscriptionId: 'sub_1', from: '2026-03-01T00:00:00Z', to: '2026-03-02T08:00:00Z' }
  t.is((await call('POST', '/v1/tenants/acme/replays', body)).status, 202)
  t.is(traceparent, '')
})

test('a page of replays begins after the previous one, and a replay that runs has no end', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const { calls } = await call('listReplays', { query: `?cursor=${writeCursor('rpl_7')}` })
  t.deepEqual(calls.at(-1), ['replays.list', 'acme', { before: 'rpl_7', limit: 51 }])
  t.is(showReplay({ ...storedDocuments.replay, finishedAt: null }).finishedAt, undefined)
})
