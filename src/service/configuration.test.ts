import test from 'ava'
import { Failure } from '../domain/failure.ts'
import { createConfiguration } from './configuration.ts'

const start = (publish: () => Promise<{ sequence: number; duplicate: boolean }>) => {
  const calls: unknown[][] = []
  const configuration = createConfiguration(
    {
      publish: ({ id, ...publication }) => {
        calls.push(['publish', publication])
        ids.push(id)
        return publish()
      },
    },
    { inForce: async (...args) => void calls.push(['inForce', ...args]) },
  )
  const ids: string[] = []
  return { configuration, calls, ids }
}
const stored = async () => ({ sequence: 17, duplicate: false })

test('a change is in force here first, and then its place among the tenant’s events is stored', async t => {
  const { configuration, calls, ids } = start(stored)
  await configuration.inForce('acme', 'sub_1', 7)
  await configuration.inForce('globex', 'sub_2', null)
  const published = (tenant: string, body: string) => [
    'publish',
    { tenant, type: 'doorbell.configured', body, traceparent: null },
  ]
  t.deepEqual(calls, [
    ['inForce', 'sub_1', 7],
    published('acme', '{"id":"sub_1","version":7}'),
    ['inForce', 'sub_2', null],
    published('globex', '{"id":"sub_2","version":null}'),
  ])
  t.is(new Set(ids).size, 2)
  for (const id of ids) t.regex(id, /^doorbell\./)
})

test('a mark is a place among the tenant’s events', async t => {
  const { configuration, calls } = start(stored)
  t.is(await configuration.mark('acme'), 17)
  t.deepEqual(calls, [['publish', { tenant: 'acme', type: 'doorbell.mark', body: '{}', traceparent: null }]])
})

test('without a place among the events a change is answered with what holds: it is stored, and may be repeated', async t => {
  const cause = new Error('no stream')
  const away = new Failure('stream_full', 'Full.', { retryAfterS: 9, internal: 'max_bytes', cause })
  const { configuration } = start(() => Promise.reject(away))
  const failed = await t.throwsAsync<Failure>(configuration.inForce('acme', 'sub_1', 7), { instanceOf: Failure })
  t.deepEqual([failed.code, failed.retryAfterS, failed.internal, failed.cause], ['stream_full', 9, 'max_bytes', cause])
  t.regex(failed.message, /^The change is stored and takes effect within seconds, .* Repeat the request/)
  t.is(await t.throwsAsync(configuration.mark('acme')), away)
  const odd = new Error('odd')
  t.is(await t.throwsAsync(start(() => Promise.reject(odd)).configuration.inForce('acme', 'sub_1', 7)), odd)
})
