import { parseTraceParent } from '@opentelemetry/core'
import test from 'ava'
import { readTraceparent, traceparentOf } from './traceparent.ts'

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'] as const

const texts = [
  `00-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-00`,
  `00-${traceId}-${spanId}-ff`,
  `00-${traceId}-${spanId}-01-more`,
  `01-${traceId}-${spanId}-01`,
  `01-${traceId}-${spanId}-01-more`,
  `01-${traceId}-${spanId}-01more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}`,
  `00-${traceId}x${spanId}-01`,
  '',
]
for (const text of texts)
  test(`OpenTelemetry’s own propagator reads the same of "${text}"`, t => {
    const official = parseTraceParent(text)
    t.deepEqual(readTraceparent(text), official === null ? null : { ...official, isRemote: true })
  })

test('what is written is read as it was', t => {
  const context = { traceId, spanId, traceFlags: 1, isRemote: true }
  t.is(traceparentOf(context), `00-${traceId}-${spanId}-01`)
  t.deepEqual(readTraceparent(traceparentOf(context)), context)
})
