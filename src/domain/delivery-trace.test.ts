import test from 'ava'
import type { Attempt, Delivery } from './delivery.ts'
import { placeOfAttempt, placeOfRecord, traceparentOfAttempt } from './delivery-trace.ts'

const origin = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${origin}-b7ad6b7169203331-01`
const minute = 60_000
const attempt = (at: number, traceId = origin) => ({ at, traceId, spanId: '00f067aa0ba902b7' }) as Attempt
const begin = 100 * minute
const row = (attempts: Attempt[] = []) => ({ traceparent, createdAt: begin, attempts }) as unknown as Delivery

test('attempts until five minutes after the event are in its trace, each later one starts its own', t => {
  t.deepEqual(placeOfAttempt(row(), begin + 5 * minute), { parent: traceparent, originTraceId: null })
  t.deepEqual(placeOfAttempt(row(), begin + 5 * minute + 1), { parent: traceparent, originTraceId: origin })
})

test('a write is in the trace of its attempt, even if it ends late', t => {
  const late = attempt(begin + 10 * minute, '4bf92f3577b34da6a3ce929d0e0e4736')
  const cases: readonly [Attempt[], number, string, string | null][] = [
    [[], begin, traceparent, null],
    [[], begin + 5 * minute, traceparent, null],
    [[attempt(begin + 5 * minute)], begin + 10 * minute, traceparent, null],
    [[attempt(begin), late], begin + 15 * minute, traceparentOfAttempt(row(), late), null],
    // Held or cancelled long after.
    [[], begin + 5 * minute + 1, traceparent, origin],
    [[attempt(begin), late], begin + 15 * minute + 1, traceparent, origin],
  ]
  for (const [attempts, now, parent, originTraceId] of cases)
    t.deepEqual(placeOfRecord(row(attempts), now), { parent, originTraceId })
})

test('work that follows an attempt is sampled exactly if the event’s trace is', t => {
  const { traceId, spanId } = attempt(0)
  for (const flags of ['00', '01'])
    t.is(
      traceparentOfAttempt({ traceparent: `00-${origin}-b7ad6b7169203331-${flags}` }, attempt(0)),
      `00-${traceId}-${spanId}-${flags}`,
    )
})
