import test from 'ava'
import { partitionOf } from '../domain/partition.ts'
import { Failure } from '../domain/failure.ts'
import { createProgress } from './progress.ts'

const message = (sequence: number, id = `e${sequence}`) => ({
  sequence,
  at: sequence * 10,
  type: 'visit.created',
  text: JSON.stringify({ id }),
})
const start = (history: (after: number | null) => ReturnType<typeof message>[]) => {
  const asked: unknown[] = []
  const progress = createProgress(
    {
      history: async query => (asked.push(query), history(query.after)),
      workedOnTo: async partition => partition * 100,
    },
    {
      message: (tenant, type, text, now) => {
        if (text.includes('bad')) throw new Failure('invalid_request', 'Not an event.')
        return { id: '', type, timestamp: String(now), tenant, visitId: 'visit-9', data: {} }
      },
    },
    7,
  )
  return { progress, asked }
}

test('the progress of a tenant is that of its partition', async t => {
  t.is(await start(() => []).progress.workedOnTo('globex'), partitionOf('globex', 7) * 100)
})

test('an event that waits is found by its id, page by page behind what is processed', async t => {
  const pages = new Map([
    [40, [message(41), message(43)]],
    [43, [message(44), message(45, 'bad')]],
  ])
  const { progress, asked } = start(after => pages.get(after ?? 0) ?? [])
  t.deepEqual(await progress.findWaiting('acme', 'e44', 40), {
    type: 'visit.created',
    visitId: 'visit-9',
    streamSequence: 44,
    at: 440,
  })
  t.deepEqual(
    asked,
    [40, 43].map(after => ({ tenant: 'acme', from: 0, after, limit: 500 })),
  )
  t.is(await progress.findWaiting('acme', 'e46', 40), null)
  t.is(await progress.findWaiting('acme', 'bad', 40), null, 'a message that will be set aside')
})

test('at most ten thousand messages are searched', async t => {
  const { progress, asked } = start(after => [message((after ?? 0) + 500)])
  t.is(await progress.findWaiting('acme', 'none', 0), null)
  t.is(asked.length, 20)
})
