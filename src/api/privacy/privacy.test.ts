import test from 'ava'
import { serveApi } from '../../../test/support/serve-api.ts'
import { nine, storedDocuments } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'
import { showErasure } from './wire.ts'

test('a retention that is null or left out follows the operator, and the log is kept at least as long as the content', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const put = async (body: object) => {
    const { status, body: answer, calls } = await call('putRetention', { body })
    const { payloadDays, logDays } = answer as { payloadDays?: number; logDays?: number }
    return [status, payloadDays, logDays, calls.find(([name]) => name === 'retention.put')?.[2]]
  }
  t.deepEqual(await put({ payloadDays: null, logDays: null }), [
    200,
    7,
    30,
    { payloadDays: undefined, logDays: undefined },
  ])
  t.deepEqual(await put({ logDays: 7 }), [200, 7, 7, { payloadDays: undefined, logDays: 7 }])
  t.deepEqual(await put({ payloadDays: 30 }), [200, 30, 30, { payloadDays: 30, logDays: undefined }])
  t.deepEqual((await put({ payloadDays: 8, logDays: 7 })).slice(0, 1), [400])
})

test('a visitor’s id has at most 200 characters', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const statusOf = async (length: number) =>
    (await call('eraseVisitor', { params: { visitorId: 'v'.repeat(length) } })).status
  t.deepEqual([await statusOf(200), await statusOf(201)], [202, 400])
})

test('an erasure that is done says since when', t => {
  t.is(
    showErasure({ ...storedDocuments.erasure, state: 'done', finishedAt: nine }).finishedAt,
    new Date(nine).toISOString(),
  )
})
