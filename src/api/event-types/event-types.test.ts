import test from 'ava'
import { eventTypes } from '../../../config/event-types/index.ts'
import { serveApi } from '../../../test/support/serve-api.ts'
import { minuteMs, nine } from '../../../test/support/stored-documents.ts'
import { wholeCalls } from '../../../test/support/whole-calls.ts'

test('the catalogue is plain JSON Schema that generators can read', async t => {
  const { call } = await serveApi(t)
  const { body } = await call('GET', '/v1/event-types')
  const items = body['items'] as { type: string; schema: { type: string; required: string[] }; sample: object }[]
  t.deepEqual(
    items.map(({ type }) => type),
    eventTypes.map(({ type }) => type),
  )
  for (const { schema } of items) {
    t.is(schema.type, 'object')
    t.false(JSON.stringify(schema).includes('~'))
  }
})

test('a retry policy is shown in clock times: each attempt at its earliest and latest, until the policy gives up', async t => {
  const call = await wholeCalls(deps => serveApi(t, deps))
  const preview = async (retry: object) => {
    const { body } = await call('previewRetry', { body: { retry } })
    const { attempts } = body as { attempts: { number: number; earliest: string; latest: string }[] }
    t.deepEqual(
      attempts.map(({ number }) => number),
      attempts.map((_, index) => index + 1),
    )
    return attempts.map(({ earliest, latest }) => [Date.parse(earliest) - nine, Date.parse(latest) - nine])
  }
  const growth = {
    maxAttempts: 4,
    firstDelayMs: 10 * minuteMs,
    factor: 2,
    maxDelayMs: 30 * minuteMs,
    giveUpAfterMs: 600 * minuteMs,
  }
  const minutes = (from: number, to: number) => [from * minuteMs, to * minuteMs]
  t.deepEqual(await preview(growth), [minutes(0, 0), minutes(8, 12), minutes(24, 36), minutes(48, 72)])
  // The last attempt could be made just in time, and is then not later.
  t.deepEqual(await preview({ ...growth, giveUpAfterMs: 48 * minuteMs }), [
    minutes(0, 0),
    minutes(8, 12),
    minutes(24, 36),
    minutes(48, 48),
  ])
  t.deepEqual(await preview({ ...growth, giveUpAfterMs: 48 * minuteMs - 1 }), [
    minutes(0, 0),
    minutes(8, 12),
    minutes(24, 36),
  ])
  t.deepEqual(await preview({ delaysMs: [] }), [[0, 0]])
  // A list gives up after a week.
  const day = 24 * 60
  const list = await preview({ delaysMs: Array.from({ length: 12 }, () => day * minuteMs) })
  t.is(list.length, 9)
  t.deepEqual(list.at(-1), [8 * 0.8 * day * minuteMs, 7 * day * minuteMs])
})
