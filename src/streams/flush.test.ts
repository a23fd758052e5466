import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import { createFlush, describeDurability, type Durability, durabilityOf, type ServerFlush } from './flush.ts'
import { readFlush } from './read-flush.ts'

const cases: readonly (readonly [replicas: number, servers: readonly ServerFlush[], Durability])[] = [
  [1, ['always'], { kind: 'flushed' }],
  [3, ['always', 'always', 'always'], { kind: 'flushed' }],
  [3, ['always', 120_000, null], { kind: 'replicated', replicas: 3 }],
  [3, [], { kind: 'replicated', replicas: 3 }],
  [2, [], { kind: 'unknown' }],
  [1, [null], { kind: 'unknown' }],
  [1, ['always', null], { kind: 'unknown' }],
  [1, [120_000], { kind: 'delayed', everyMs: 120_000 }],
  [2, ['always', 5_000, 120_000, null], { kind: 'delayed', everyMs: 120_000 }],
]

test('an event is called on disk only if every server is known to flush it, or three of them hold it', t => {
  for (const [replicas, servers, expected] of cases) t.deepEqual(durabilityOf(replicas, servers), expected)
  const texts = cases.map(([, , durability]) => describeDurability(durability))
  t.is(texts.filter(text => text.startsWith('on disk')).length, 2)
  t.true(texts.includes('on a majority of 3 servers'))
  t.true(texts.some(text => text.startsWith('in memory for up to 120 s')))
})

test('a flush at intervals breaks the promise, unless the operator accepts it', async t => {
  const outcomes = []
  for (const acceptsDelay of [false, true])
    for (const servers of [['always'], [60_000], []] as const) {
      const flush = createFlush({ replicas: async () => 1, servers: async () => servers, acceptsDelay })
      t.deepEqual(flush.durability(), { kind: 'unknown' })
      const found = await flush.check()
      const differences = found.map(each => `${each.outcome}: ${each.difference}, ${each.refusesEvents}`)
      outcomes.push([flush.durability().kind, ...differences])
    }
  t.deepEqual(outcomes, [
    ['flushed'],
    ['delayed', 'broken: is 60 s, not always, false'],
    ['unknown'],
    ['flushed'],
    ['delayed'],
    ['unknown'],
  ])
})

test('the flush is read from the monitoring address, in milliseconds; a server without JetStream or without an answer does not say', async t => {
  const answers: Record<string, string> = {
    always: '{"jetstream":{"config":{"sync_interval":120000000000,"sync_always":true}}}',
    interval: '{"jetstream":{"config":{"sync_interval":5000000000}}}',
    none: '{}',
    broken: 'not json',
  }
  let answer = ''
  const server = createServer((request, response) =>
    response.end(request.url === '/varz' ? answers[answer] : ''),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const read = []
  for (answer of Object.keys(answers)) read.push(await readFlush(url))
  t.deepEqual(read, ['always', 5_000, null, null])
  t.is(await readFlush('http://127.0.0.1:1'), null)
})
